import type { Directory } from '../accounts/directory.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { Router } from '../delivery/router.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import type { Elsewhere } from '../presence/elsewhere.ts'
import { LastOnline } from '../presence/last-online.ts'
import { PresenceService } from '../presence/presence-service.ts'
import type { PresenceStore } from '../presence/presence-store.ts'
import { Typing } from '../presence/typing.ts'
import { Visibility } from '../presence/visibility.ts'

/** Who is there, and who is typing. */
export function createPresenceServices(options: {
  ports: { presence: PresenceStore; conversations: ConversationStore }
  directory: Directory
  states: ConversationStates
  blockedIn: (conversation: string, user: string) => Promise<boolean>
  router: Router
  elsewhere: Elsewhere
  clock: Clock
  logger: Logger
}): { presence: PresenceService; typing: Typing; lastOnline: LastOnline } {
  const { ports, directory, states, blockedIn, router, elsewhere, clock, logger } = options
  const lastOnline = new LastOnline(ports.presence, clock, logger)
  const visibility = new Visibility(
    {
      settings: (user) => directory.settings(user),
      blockedBetween: (a, b) => directory.blockedBetween(a, b),
      conversationsOf: (user) => ports.conversations.conversationsOf(user),
      messagesIn: async (direct, user) => {
        const state = await states.current(direct, 1)
        return { all: state?.messages ?? 0, own: state?.own.get(user) ?? 0 }
      },
    },
    clock,
  )
  const presence = new PresenceService(clock, visibility, lastOnline, elsewhere)
  const typing = new Typing(
    clock,
    {
      membersFor: async (conversation, user) => {
        const state = await states.get(conversation)
        return state?.isPresent(user) ? state.present : undefined
      },
      blocked: blockedIn,
    },
    (users, frame) => router.broadcast(users, frame),
  )
  return { presence, typing, lastOnline }
}
