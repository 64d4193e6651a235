import type { EntryUpdate } from '@parley/protocol'
import type { OutboxItem, StoredSession } from '../store/records.ts'
import type { Transaction } from '../store/transaction.ts'
import { applyEntry, type Outcome } from '../sync/apply-entry.ts'
import { applyUpdate } from '../sync/apply-update.ts'
import type { SendResult } from './sender.ts'

/** Does to the conversation what was asked for and is now answered. */
export async function applyAnswer(
  tx: Transaction,
  item: OutboxItem,
  result: SendResult,
  session: StoredSession,
): Promise<Outcome['is']> {
  const me = session.user.id
  if (item.kind === 'delete' && item.for === 'me') {
    return (await applyUpdate(tx, { kind: 'hidden', conversation: item.conversation, target: item.seq }, me)).is
  }
  const entry = await ownEntry(tx, item, result, session)
  return entry ? (await applyEntry(tx, entry, me, 'own')).is : 'applied'
}

/**
 * The entry that the `ok` of an own request stands for (rule D7), or undefined when it says too little and the entry
 * comes as an event.
 */
async function ownEntry(
  tx: Transaction,
  item: OutboxItem,
  { seq, id, sentAt }: SendResult,
  { user, device }: StoredSession,
): Promise<EntryUpdate | undefined> {
  const { conversation } = item
  if (seq === undefined || id === undefined) return undefined
  if (item.kind === 'send') {
    if (sentAt === undefined) return undefined
    const { clientMessageId, content, replyTo, mentions } = item
    return {
      kind: 'message',
      conversation,
      seq,
      id,
      sender: user.id,
      device: device.id,
      clientMessageId,
      sentAt,
      content,
      ...(replyTo !== undefined && { replyTo }),
      ...(mentions && { mentions }),
    }
  }
  const target = item.seq
  const known = (await tx.message(conversation, target)) ?? tx.conversation(conversation)?.lastMessage
  const at = known ? timeOf(id, known) : item.createdAt
  switch (item.kind) {
    case 'edit':
      return { kind: 'edit', conversation, seq, target, content: item.content, by: user.id, at }
    case 'delete':
      return { kind: 'delete', conversation, seq, target, by: user.id, at }
    case 'react':
      return { kind: 'reaction', conversation, seq, target, user: user.id, emoji: item.emoji, at }
  }
}

/** The time in an id. Ids count milliseconds above 22 bits from a fixed time, which `known` tells. */
function timeOf(id: string, known: { id: string; sentAt: number }): number {
  const milliseconds = (snowflake: string): number => Number(BigInt(snowflake) >> 22n)
  return known.sentAt + milliseconds(id) - milliseconds(known.id)
}
