import type { ReceiptsUpdate, UserId } from '@parley/protocol'
import type { StoredConversation, StoredMessage, Watermarks } from '../store/records.ts'
import type { Transaction } from '../store/transaction.ts'
import { replaceMessage } from './apply-entry.ts'

/** Older messages get their times from the pages of the history. */
const mostMarked = 1000

/** Watermarks of members move forward; my messages that all receivers now have, or have seen, get the time of it. */
export async function applyReceipts(tx: Transaction, update: ReceiptsUpdate, me: UserId): Promise<void> {
  const before = tx.conversation(update.conversation)
  if (!before) return
  const receipts = { ...before.receipts }
  let low = Number.MAX_SAFE_INTEGER
  let high = 0
  for (const member of update.members) {
    const old = receipts[member.user] ?? { delivered: 0, read: 0 }
    const next = forward(old, member)
    if (next.delivered === old.delivered && next.read === old.read) continue
    receipts[member.user] = next
    if (next.delivered > old.delivered) low = Math.min(low, old.delivered)
    if (next.read > old.read) low = Math.min(low, old.read)
    high = Math.max(high, next.delivered, next.read)
    tx.tell('receipts', { conversation: before.id, user: member.user, delivered: next.delivered, read: next.read })
  }
  if (high === 0) return
  const known = await markReached(tx, { ...before, receipts }, me, low + 1, high + 1)
  // Who a message is for must be known to tell that all have it.
  const unknown = known.kind === 'group' && !known.members
  tx.putConversation(unknown ? { ...known, partial: true } : known)
}

/** Gives my messages from `from` to before `before` that all receivers have, or have seen, the time of it. */
export async function markReached(
  tx: Transaction,
  conversation: StoredConversation,
  me: UserId,
  from: number,
  before: number,
): Promise<StoredConversation> {
  let known = conversation
  const limit = Math.min(before - from, mostMarked)
  if (limit <= 0) return known
  for (const message of await tx.messages(known.id, { from, before, limit })) {
    if (message.sender !== me || message.seenAt !== undefined) continue
    const reached = withTimes(known, message, me)
    if (reached !== message) known = replaceMessage(tx, known, reached)
  }
  return known
}

function forward(old: Watermarks, news: ReceiptsUpdate['members'][number]): Watermarks {
  const next = { ...old }
  if (news.read !== undefined && news.read > old.read) {
    next.read = news.read
    if (news.seenAt !== undefined) next.seenAt = news.seenAt
  }
  const delivered = Math.max(news.delivered ?? 0, next.read)
  if (delivered > old.delivered) {
    next.delivered = delivered
    const at = news.deliveredAt ?? news.seenAt
    if (at !== undefined) next.deliveredAt = at
  }
  return next
}

/** Who a message of mine is for, when that is known. */
function receiversOf({ kind, peer, members }: StoredConversation, seq: number, me: UserId): UserId[] | undefined {
  if (kind === 'direct') return peer === undefined ? undefined : [peer]
  return members?.filter(({ user, joinedSeq }) => user !== me && joinedSeq <= seq).map(({ user }) => user)
}

function withTimes(known: StoredConversation, message: StoredMessage, me: UserId): StoredMessage {
  const receivers = receiversOf(known, message.seq, me)
  if (!receivers || receivers.length === 0) return message
  const marks = receivers.map((user) => known.receipts[user] ?? { delivered: 0, read: 0 })
  const next = { ...message }
  if (message.deliveredAt === undefined && marks.every(({ delivered }) => delivered >= message.seq)) {
    next.deliveredAt = Math.max(...marks.map(({ deliveredAt }) => deliveredAt ?? 0))
  }
  if (marks.every(({ read, seenAt }) => read >= message.seq && seenAt !== undefined)) {
    next.seenAt = Math.max(...marks.map(({ seenAt }) => seenAt ?? 0))
  }
  return next.deliveredAt === message.deliveredAt && next.seenAt === message.seenAt ? message : next
}
