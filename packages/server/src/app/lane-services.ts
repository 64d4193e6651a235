import type { Identity } from '../accounts/identity.ts'
import type { ConversationService } from '../conversations/conversations.ts'
import type { MembershipService } from '../conversations/membership.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Amender } from '../messages/amending.ts'
import { LaneCalls } from '../messages/lane-calls.ts'
import { LaneReceiver } from '../messages/lane-receiver.ts'
import { LaneSender } from '../messages/lane-sender.ts'
import type { Pinner } from '../messages/pinning.ts'
import type { Sender } from '../messages/sender.ts'
import type { Cluster } from './cluster.ts'
import type { ConversationServices } from './conversation-services.ts'

/** What appends to conversations, as clients of this node use it: through the nodes where the lanes are. */
export function throughLanes(
  cluster: Cluster,
  local: ConversationServices,
  clock: Clock,
  logger: Logger,
): {
  sending: Sender
  amending: Amender
  conversations: Pick<ConversationService, 'direct' | 'createGroup' | 'get' | 'patch'>
  memberships: Pick<MembershipService, 'list' | 'put' | 'remove'>
  pinning: Pinner
} {
  const { calls } = cluster
  const laneOf = (conversation: string): string | undefined => cluster.laneOf(conversation)
  const { sending, amending, conversations, memberships, pinning } = local
  new LaneReceiver(calls, sending)
  const lanes = new LaneCalls(calls, laneOf, logger)
  const inRequest = ([, request]: readonly [Identity, { conversation: string }]): string => request.conversation
  const second = ([, conversation]: readonly [Identity, string, ...unknown[]]): string => conversation
  return {
    sending: new LaneSender({ local: sending, calls, laneOf, clock }),
    amending: {
      edit: lanes.through('edit', inRequest, amending.edit.bind(amending)),
      deleteForEveryone: lanes.through('delete', inRequest, amending.deleteForEveryone.bind(amending)),
      react: lanes.through('react', inRequest, amending.react.bind(amending)),
      deleteForMe: amending.deleteForMe.bind(amending),
    },
    conversations: {
      direct: conversations.direct.bind(conversations),
      createGroup: conversations.createGroup.bind(conversations),
      get: conversations.get.bind(conversations),
      patch: lanes.through('patch', second, conversations.patch.bind(conversations)),
    },
    memberships: {
      list: memberships.list.bind(memberships),
      put: lanes.through('put-member', second, memberships.put.bind(memberships)),
      remove: lanes.through('remove-member', second, memberships.remove.bind(memberships)),
    },
    pinning: {
      pin: lanes.through('pin', second, pinning.pin.bind(pinning)),
      unpin: lanes.through('unpin', second, pinning.unpin.bind(pinning)),
    },
  }
}
