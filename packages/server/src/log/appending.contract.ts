import type { ConversationId, UserId } from '@parley/protocol'
import { endsWithin, isUnavailable, retry } from '../lib/stores.contract.ts'
import type { Place } from '../sync/place.ts'
import type { QueueRow, SyncQueue } from '../sync/sync-queue.ts'
import type { AppendBatch, AppendOutcome, ConversationLog, NewEntry, StoredSend } from './conversation-log.ts'
import type { ProjectionChange } from './conversation-record.ts'
import { type Entry, type EntryKind, emptyHead, type Head } from './entry.ts'
import { emptyGroup } from './fold.ts'
import { composeSnowflake } from './snowflake-parts.ts'

export interface LogNode {
  log: ConversationLog
  queue: SyncQueue
}

/** What a test wants in a log. */
export interface Draft {
  sender: UserId
  kind?: EntryKind
  clientMessageId?: string
  body?: object
}

export const message = (sender: UserId, clientMessageId: string, text = clientMessageId): Draft => ({
  sender,
  clientMessageId,
  body: { content: { text } },
})

export const fingerprintOf = (draft: Draft): string =>
  Buffer.from(JSON.stringify(draft.body ?? {}))
    .toString('hex')
    .padEnd(64, '0')
    .slice(0, 64)

/** `now` is the time of the entries, where it must fit the clock of the stores. */
export interface AppendOptions {
  now?: number
  projection?: ProjectionChange
}

/** A conversation's members from its first entry on, as a change that goes with any of its batches. */
export function membersOf(id: ConversationId, users: readonly UserId[]): ProjectionChange {
  const members = users.map((user) => ({ user, role: 'member' as const, intervals: [{ from: 1, to: undefined }] }))
  const { members: _, ...conversation } = emptyGroup(id, 1)
  return { conversation, members, joined: [] }
}

/** The batch that an appender who knows `head` makes of `drafts`. Every entry goes to all `users`. */
export function batchOf(
  conversation: ConversationId,
  head: Head,
  drafts: readonly Draft[],
  users: readonly UserId[],
  options: AppendOptions = {},
): AppendBatch {
  const own = new Map(head.own)
  let { messages, lastMessage, at } = head
  const entries = drafts.map((draft, index): NewEntry => {
    const kind = draft.kind ?? 'message'
    const seq = head.seq + 1 + index
    at = Math.max(at + 1, options.now ?? Date.now())
    if (kind === 'message') {
      messages++
      lastMessage = seq
      own.set(draft.sender, (own.get(draft.sender) ?? 0) + 1)
    }
    const { sender, clientMessageId } = draft
    const id = composeSnowflake(at, Math.floor(Math.random() * 0x400000))
    const body = JSON.stringify(draft.body ?? {})
    const fingerprint = clientMessageId === undefined ? undefined : fingerprintOf(draft)
    const counts = { messages, own: own.get(sender) ?? 0 }
    return { conversation, seq, id, kind, sender, device: 'device', clientMessageId, fingerprint, at, body, ...counts }
  })
  const { seq, id } = entries.at(-1)!
  return {
    conversation,
    expect: head.seq,
    entries,
    head: { seq, id, at, messages, lastMessage, own },
    audiences: [{ users, from: head.seq + 1, to: seq }],
    projection: options.projection,
  }
}

export async function headOf(node: LogNode, conversation: ConversationId): Promise<Head> {
  return (await retry(() => node.log.head(conversation))) ?? emptyHead(0)
}

/** Appends on the present head; for tests without competitors. */
export async function append(
  node: LogNode,
  conversation: ConversationId,
  drafts: readonly Draft[],
  users: readonly UserId[],
  options: AppendOptions = {},
): Promise<void> {
  await appendUntilKnown(node, conversation, drafts, users, options)
}

/**
 * Appends as a node does: decided again when the log has moved, repeated when the outcome is unknown, completed when
 * some of it is stored already. Drafts without a clientMessageId are known by their ids.
 * @returns what is stored of each draft, in their order
 */
export async function appendUntilKnown(
  node: LogNode,
  conversation: ConversationId,
  drafts: readonly Draft[],
  users: readonly UserId[],
  options: AppendOptions = {},
): Promise<StoredSend[]> {
  const stored = new Map<Draft, StoredSend>()
  let head = await headOf(node, conversation)
  let unknown: AppendBatch | undefined
  const round = endsWithin(2_000)
  while (stored.size < drafts.length) {
    round()
    const waiting = drafts.filter((draft) => !stored.has(draft))
    const batch: AppendBatch = unknown ?? batchOf(conversation, head, waiting, users, options)
    const outcome = await outcomeOf(node, batch)
    if (!outcome) {
      unknown = batch
      continue
    }
    if (outcome.status === 'duplicate' || (outcome.status === 'moved' && unknown)) {
      await retry(() => node.log.complete(conversation))
    }
    if (outcome.status === 'duplicate') {
      for (const [index, send] of outcome.sends) stored.set(waiting[index]!, send)
      head = await headOf(node, conversation)
    } else if (outcome.status === 'appended' || (await isWritten(node, batch, unknown))) {
      if (outcome.status === 'appended') checkPlaces(batch, outcome.places)
      for (const [index, entry] of batch.entries.entries()) stored.set(waiting[index]!, sendOf(entry))
    } else {
      head = outcome.head
    }
    unknown = undefined
  }
  return drafts.map((draft) => stored.get(draft)!)
}

async function outcomeOf(node: LogNode, batch: AppendBatch): Promise<AppendOutcome | undefined> {
  try {
    return await node.log.append(batch)
  } catch (error) {
    if (isUnavailable(error)) return undefined
    throw error
  }
}

function checkPlaces({ audiences }: AppendBatch, places: readonly Place[]): void {
  const due = audiences.flatMap((audience) => audience.users)
  const told = places.map((place) => place.user)
  if (due.join() !== told.join()) throw new Error(`places of ${told} were told, due are those of ${due}`)
}

/** True when a batch whose outcome was unknown is what the log holds. */
async function isWritten(node: LogNode, batch: AppendBatch, unknown: AppendBatch | undefined): Promise<boolean> {
  if (batch !== unknown) return false
  const after = batch.expect
  const [entry] = await retry(() => node.log.read(batch.conversation, { after, before: after + 2, limit: 1 }))
  return entry?.id === batch.entries[0]!.id
}

const sendOf = ({ seq, id, at, fingerprint }: NewEntry): StoredSend => ({ seq, id, at, fingerprint: fingerprint ?? '' })

export async function readAll(node: LogNode, conversation: ConversationId): Promise<Entry[]> {
  const range = { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 100_000 }
  return retry(() => node.log.read(conversation, range))
}

/** Seqs of `conversation` that rows point to, in their order, repeats included. */
export function seqsIn(rows: readonly QueueRow[], conversation: ConversationId): number[] {
  return rows.flatMap(({ pointer }) => {
    if (pointer.kind !== 'entries' || pointer.conversation !== conversation) return []
    return Array.from({ length: pointer.to - pointer.from + 1 }, (_, index) => pointer.from + index)
  })
}
