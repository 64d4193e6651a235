import { accounts } from './de/accounts.ts'
import { admin } from './de/admin.ts'
import { app } from './de/app.ts'
import { conversation } from './de/conversation.ts'
import { inbox } from './de/inbox.ts'
import { media } from './de/media.ts'
import { settings } from './de/settings.ts'

export const de = { accounts, admin, app, conversation, inbox, media, settings }
