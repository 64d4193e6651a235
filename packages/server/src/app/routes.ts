import { accountRoutes } from '../gateway/http/accounts.ts'
import { conversationRoutes } from '../gateway/http/conversations.ts'
import { keptRoutes } from '../gateway/http/kept.ts'
import { meRoutes } from '../gateway/http/me.ts'
import { messageRoutes } from '../gateway/http/messages.ts'
import { presenceRoutes } from '../gateway/http/presence.ts'
import { pushRoutes } from '../gateway/http/push.ts'
import type { AnyRoute } from '../gateway/http/route.ts'
import { type Allocation, syncRoutes } from '../gateway/http/sync.ts'
import { userRoutes } from '../gateway/http/users.ts'
import type { LongPoll } from '../gateway/long-poll.ts'
import { noPictures } from '../media/pictures.ts'
import type { PresenceService } from '../presence/presence-service.ts'
import type { AccountServices } from './account-services.ts'
import type { ConversationServices } from './conversation-services.ts'
import type { throughLanes } from './lane-services.ts'
import type { PushNoting } from './push-services.ts'

/** What clients reach over HTTP, media and operators aside. */
export function clientRoutes(services: {
  users: AccountServices
  talk: ConversationServices
  /** What appends, on this node or where the lanes are. */
  appending: ReturnType<typeof throughLanes>
  presence: PresenceService
  pushing: PushNoting
  longPoll: LongPoll
  allocation: Allocation
  lastSeenMessageIds: (user: string) => Promise<ReadonlyMap<string, string>>
}): AnyRoute[] {
  const { users, talk, appending, presence, pushing, longPoll, allocation, lastSeenMessageIds } = services
  const { accounts, devices, directory } = users
  const { sending, amending, conversations, memberships, pinning } = appending
  const { ownView, inbox, history, reads, receiptDetails, search, stars, clearing } = talk
  const pictures = talk.media?.pictures ?? noPictures
  return [
    ...accountRoutes(accounts),
    ...meRoutes({ accounts, devices, lastSeenMessageIds, pictures }),
    ...pushRoutes(pushing.registrations),
    ...userRoutes({ accounts, directory }),
    ...conversationRoutes({ conversations, memberships, ownView, inbox, pictures }),
    ...messageRoutes({ sending, amending, history, reads, receipts: receiptDetails, search }),
    ...keptRoutes({ stars, pinning, clearing }),
    ...presenceRoutes(presence),
    ...syncRoutes({ longPoll, allocation }),
  ]
}
