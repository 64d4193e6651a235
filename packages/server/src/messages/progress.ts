import type { ConversationId, UserId } from '@parley/protocol'
import type { ReceiptNotice, Watermark } from './receipt-store.ts'

/** What a member of a conversation has newly reached, and the authors who are to know. 0: nothing. */
export interface Progress {
  readonly conversation: ConversationId
  readonly user: UserId
  delivered: number
  deliveredAt: number
  read: number
  seenAt: number
  /** A read mark that was found stored: it is not known whether the authors were told. */
  doubtful: number
  readonly authors: Set<UserId>
}

interface MemberReceipt {
  user: UserId
  delivered?: number
  deliveredAt?: number
  read?: number
  seenAt?: number
}

export const progressKey = (conversation: ConversationId, user: UserId): string => `${conversation} ${user}`

export function newProgress(conversation: ConversationId, user: UserId): Progress {
  const none = { delivered: 0, deliveredAt: 0, read: 0, seenAt: 0, doubtful: 0 }
  return { conversation, user, ...none, authors: new Set() }
}

/** Takes in what is older, and could not be stored. */
export function merge(into: Progress, older: Progress): void {
  if (older.delivered > into.delivered) {
    into.delivered = older.delivered
    into.deliveredAt = older.deliveredAt
  }
  if (older.read > into.read) {
    into.read = older.read
    into.seenAt = older.seenAt
  }
  into.doubtful = Math.max(into.doubtful, older.doubtful)
  for (const author of older.authors) into.authors.add(author)
}

/** What was read was delivered (rule Y7). undefined when there is nothing that authors may know. */
function receiptOf({ user, delivered, deliveredAt, read, seenAt }: Progress): MemberReceipt | undefined {
  const reached = Math.max(delivered, read)
  if (reached === 0) return undefined
  return {
    user,
    delivered: reached,
    deliveredAt: delivered > 0 ? deliveredAt : seenAt,
    ...(read > 0 && { read, seenAt }),
  }
}

export function watermarksOf(progress: Progress): Watermark[] {
  const { conversation, user } = progress
  const receipt = receiptOf(progress)
  if (!receipt) return []
  const { delivered = 0, deliveredAt = 0, read = 0, seenAt = 0 } = receipt
  const marks: Watermark[] = [{ conversation, user, kind: 'delivered', upTo: delivered, at: deliveredAt }]
  if (read > 0) marks.push({ conversation, user, kind: 'read', upTo: read, at: seenAt })
  return marks
}

/** One for each author and conversation, however many members moved. */
export function noticesOf(all: readonly Progress[]): ReceiptNotice[] {
  const rows = new Map<string, { author: UserId; conversation: ConversationId; members: MemberReceipt[] }>()
  for (const progress of all) {
    const receipt = receiptOf(progress)
    if (!receipt) continue
    const { conversation, authors } = progress
    for (const author of authors) {
      const key = progressKey(conversation, author)
      const row = rows.get(key) ?? { author, conversation, members: [] }
      row.members.push(receipt)
      rows.set(key, row)
    }
  }
  return [...rows.values()].map(({ author, conversation, members }) => ({
    user: author,
    conversation,
    update: JSON.stringify({ kind: 'receipts', conversation, members }),
  }))
}
