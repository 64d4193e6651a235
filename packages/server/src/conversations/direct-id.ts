import { hash } from 'node:crypto'
import type { ConversationId, UserId } from '@parley/protocol'

/** The id of the one direct conversation of a pair: the same whoever asks, wherever. */
export function directId(a: UserId, b: UserId): ConversationId {
  const pair = a < b ? `${a} ${b}` : `${b} ${a}`
  return `d${hash('sha256', `parley direct ${pair}`, 'base64url').slice(0, 24)}`
}

/** Ids of groups are numbers. */
export const isDirectId = (conversation: ConversationId): boolean => conversation.startsWith('d')
