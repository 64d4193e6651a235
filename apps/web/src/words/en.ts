import { accounts } from './en/accounts.ts'
import { admin } from './en/admin.ts'
import { app } from './en/app.ts'
import { conversation } from './en/conversation.ts'
import { inbox } from './en/inbox.ts'
import { media } from './en/media.ts'
import { settings } from './en/settings.ts'

export const en = { accounts, admin, app, conversation, inbox, media, settings }
