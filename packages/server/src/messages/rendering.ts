import type { Content, Message, UserId } from '@parley/protocol'
import type { Entry } from '../log/entry.ts'
import type { Watermark } from './receipt-store.ts'

interface MessageBody {
  content: Content
  replyTo?: number
  mentions?: UserId[]
}

/** An entry of kind `message` with its edits, deletion and reactions applied, as `reader` sees it. */
export function renderMessage(entry: Entry, amendments: readonly Entry[], reader: UserId): Message {
  const { content, replyTo, mentions } = JSON.parse(entry.body) as MessageBody
  const { conversation, seq, id, sender, device, at } = entry
  const message: Message = { conversation, seq, id, sender, device, sentAt: at, content }
  if (reader === sender && entry.clientMessageId !== undefined) message.clientMessageId = entry.clientMessageId
  if (replyTo !== undefined) message.replyTo = replyTo
  if (mentions !== undefined) message.mentions = mentions
  for (const amendment of amendments) applyAmendment(message, amendment)
  return message
}

function applyAmendment(message: Message, { kind, at, sender, body }: Entry): void {
  switch (kind) {
    case 'edit':
      if (message.deletedAt !== undefined) return
      message.content = (JSON.parse(body) as { content: Content }).content
      message.editedAt = at
      return
    case 'delete':
      message.content = {}
      message.deletedAt = at
      delete message.editedAt
      delete message.reactions
      delete message.mentions
      return
    case 'reaction': {
      const { emoji } = JSON.parse(body) as { emoji: string | null }
      if (emoji === null || message.deletedAt !== undefined) return
      message.reactions ??= {}
      const users = message.reactions[emoji] ?? []
      message.reactions[emoji] = users
      users.push(sender)
      return
    }
    default:
      return
  }
}

/** Groups amendments by the message they amend. */
export function byTarget(amendments: readonly Entry[]): Map<number, Entry[]> {
  const groups = new Map<number, Entry[]>()
  for (const amendment of amendments) {
    const { target } = JSON.parse(amendment.body) as { target: number }
    const group = groups.get(target)
    if (group) group.push(amendment)
    else groups.set(target, [amendment])
  }
  return groups
}

/**
 * When `seq` had reached, and was read by, every one of `receivers`: the latest of their first watermarks that cover it.
 * `watermarks` ascend for each user and kind.
 */
export function reachedAt(
  seq: number,
  receivers: readonly UserId[],
  watermarks: readonly Watermark[],
): { deliveredAt?: number; seenAt?: number } {
  if (receivers.length === 0) return {}
  const delivered = new Map<UserId, number>()
  const seen = new Map<UserId, number>()
  for (const { user, kind, upTo, at } of watermarks) {
    if (upTo < seq) continue
    const times = kind === 'delivered' ? delivered : seen
    if (!times.has(user)) times.set(user, at)
  }
  // Read implies delivered.
  for (const [user, at] of seen) delivered.set(user, Math.min(delivered.get(user) ?? at, at))
  const latest = (times: Map<UserId, number>): number | undefined =>
    receivers.every((user) => times.has(user))
      ? Math.max(...receivers.map((user) => times.get(user) as number))
      : undefined
  const deliveredAt = latest(delivered)
  const seenAt = latest(seen)
  return { ...(deliveredAt === undefined ? {} : { deliveredAt }), ...(seenAt === undefined ? {} : { seenAt }) }
}
