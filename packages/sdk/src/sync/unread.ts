import type { ConversationId, UserId } from '@parley/protocol'
import type { StoredConversation } from '../store/records.ts'
import type { Transaction } from '../store/transaction.ts'

/** Messages of others in the store from `from` up to, not including, `before`; hidden ones count (rule Y6). */
export async function countOthers(
  tx: Transaction,
  conversation: ConversationId,
  me: UserId,
  from: number,
  before: number,
): Promise<number> {
  if (from >= before) return 0
  const messages = await tx.messages(conversation, { from, before, limit: before - from })
  return messages.filter(({ sender }) => sender !== me).length
}

/**
 * The conversation read up to `seq`. What is left unread is exact where every entry behind `seq` was applied here;
 * else it is what can be known until the server's `read` says it.
 */
export async function readUpTo(
  tx: Transaction,
  known: StoredConversation,
  me: UserId,
  seq: number,
): Promise<StoredConversation> {
  const { id, applied, since, counted } = known
  if (seq >= applied && counted <= applied) return { ...known, read: seq, unread: 0 }
  const behind = await countOthers(tx, id, me, seq + 1, applied + 1)
  if (seq + 1 >= since) return { ...known, read: seq, unread: behind, counted: applied }
  const passed = await countOthers(tx, id, me, known.read + 1, seq + 1)
  return { ...known, read: seq, unread: Math.max(behind, known.unread - passed) }
}
