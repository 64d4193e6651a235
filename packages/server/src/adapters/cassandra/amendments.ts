import type { ConversationId } from '@parley/protocol'
import type { Entry } from '../../log/entry.ts'
import type { Buckets } from './buckets.ts'
import type { Cql, Row, Statement } from './cql.ts'
import { toEntry } from './log-rows.ts'

type AmendingKind = 'edit' | 'delete' | 'reaction'

const kinds: readonly AmendingKind[] = ['edit', 'delete', 'reaction']
const columns = 'target, seq, id, at, type, sender, device, client_message_id, messages, own_messages, body'
const stretch = (selected: string) =>
  `SELECT ${selected} FROM amendments WHERE conversation = ? AND bucket = ? AND type IN ? AND target >= ? AND target <= ?`
const wholeRows = stretch(columns)
const targetsOnly = stretch('target')
const insert = `INSERT INTO amendments (conversation, bucket, type, target, user,
  seq, id, at, sender, device, client_message_id, messages, own_messages, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`

export interface Deleted {
  from: number
  to: number
  targets: readonly number[]
}

const targetOf = ({ body }: Entry): number => (JSON.parse(body) as { target: number }).target

/** What edits, deletes and reactions do to older entries: for each target the newest of each, by the bucket of the target. */
export class Amendments {
  readonly #cql
  readonly #buckets

  constructor(cql: Cql, buckets: Buckets) {
    this.#cql = cql
    this.#buckets = buckets
  }

  /** Of two that amend the same the later entry stays, in whatever order they are written. */
  statements(entries: readonly Entry[]): Statement[] {
    return entries.filter(isAmending).map((entry) => {
      const { conversation, seq, id, at, kind, sender, device, clientMessageId, messages, own, body } = entry
      const target = targetOf(entry)
      const user = kind === 'reaction' ? sender : ''
      const place = [conversation, this.#buckets.highest(target), kind, target, user]
      return {
        query: insert,
        params: [...place, seq, id, at, sender, device, clientMessageId ?? '', messages, own, body, seq],
      }
    })
  }

  async of(conversation: ConversationId, from: number, to: number): Promise<Entry[]> {
    const rows = await this.#stretch(wholeRows, conversation, kinds, from, to)
    const entries = rows.map((row) => toEntry(conversation, row)).sort((a, b) => a.seq - b.seq)
    return emptied(entries, new Set(entries.flatMap((entry) => (entry.kind === 'delete' ? targetOf(entry) : []))))
  }

  /** Which messages of a stretch are deleted for everyone. */
  async deleted(conversation: ConversationId, from: number, to: number): Promise<Deleted> {
    const rows = await this.#stretch(targetsOnly, conversation, ['delete'], from, to)
    return { from, to, targets: rows.map((row) => Number(row.target)) }
  }

  /** What was deleted for everyone has no content any more, and neither have its edits. `known`: what is known already. */
  async withoutDeleted(entries: readonly Entry[], known: Deleted | undefined): Promise<Entry[]> {
    const isKnown = (seq: number): boolean => known !== undefined && seq >= known.from && seq <= known.to
    const targets = entries.flatMap((entry) => emptiableBy(entry) ?? []).filter((seq) => !isKnown(seq))
    const conversation = entries[0]?.conversation ?? ''
    const found = await Promise.all(stretchesOf(targets).map(([from, to]) => this.deleted(conversation, from, to)))
    return emptied(entries, new Set([...found, ...(known ? [known] : [])].flatMap((deleted) => deleted.targets)))
  }

  async #stretch(
    query: string,
    conversation: ConversationId,
    types: readonly string[],
    from: number,
    to: number,
  ): Promise<Row[]> {
    const first = this.#buckets.highest(from)
    const buckets = Array.from({ length: this.#buckets.highest(to) - first + 1 }, (_, index) => first + index)
    const found = await Promise.all(
      buckets.map((bucket) => this.#cql.execute({ query, params: [conversation, bucket, types, from, to] })),
    )
    return found.flat()
  }
}

const isAmending = ({ kind }: Entry): boolean => (kinds as readonly string[]).includes(kind)

/** The message whose deletion empties this entry. */
function emptiableBy(entry: Entry): number | undefined {
  if (entry.kind === 'message') return entry.seq
  return entry.kind === 'edit' ? targetOf(entry) : undefined
}

function emptied(entries: readonly Entry[], deleted: ReadonlySet<number>): Entry[] {
  if (deleted.size === 0) return [...entries]
  return entries.map((entry) => {
    const target = emptiableBy(entry)
    if (target === undefined || !deleted.has(target)) return entry
    return { ...entry, body: JSON.stringify({ ...(JSON.parse(entry.body) as object), content: {} }) }
  })
}

/** Seqs as few stretches that have no large gaps: an edit may be far from what it edits. */
function stretchesOf(seqs: readonly number[]): [from: number, to: number][] {
  const gap = 1_000
  const stretches: [number, number][] = []
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = stretches.at(-1)
    if (last && seq - last[1] <= gap) last[1] = seq
    else stretches.push([seq, seq])
  }
  return stretches
}
