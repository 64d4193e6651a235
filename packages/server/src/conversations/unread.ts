import type { UserId } from '@parley/protocol'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { ReadMark } from './own-store.ts'

/** Messages of others behind the mark (rule Y6): a subtraction of running counts, exact. */
export function unreadOf(state: ConversationState, user: UserId, mark: ReadMark): number {
  const others = state.messages - mark.messages
  const own = (state.own.get(user) ?? 0) - mark.own
  return Math.max(0, others - own)
}

/** The mark at `seq`, which is not beyond the head. `from` is an earlier mark, to count from the nearer end. */
export async function markAt(
  log: ConversationLog,
  state: ConversationState,
  user: UserId,
  seq: number,
  from: ReadMark,
): Promise<ReadMark> {
  const head = state.seq
  const ownAtHead = state.own.get(user) ?? 0
  if (seq >= head) return { read: head, messages: state.messages, own: ownAtHead }
  const { conversation } = state
  const [entry] = await log.read(conversation, { after: seq - 1, before: seq + 1, limit: 1 })
  const messages = entry?.messages ?? from.messages
  if (entry?.kind === 'message' && entry.sender === user) return { read: seq, messages, own: entry.own }
  const nearer = seq - from.read <= head - seq
  const own = nearer
    ? from.own + (await log.countOwn(conversation, user, from.read, seq))
    : ownAtHead - (await log.countOwn(conversation, user, seq, head))
  return { read: seq, messages, own }
}
