import type { ConversationId } from '@parley/protocol'
import type { Entry } from '../log/entry.ts'

/** What of a conversation is not indexed yet. */
export interface Gap {
  /** First seq that is not. */
  from: number
  /** Its time, ms. */
  at: number
  /** The entries from there on, where all of them are at hand; empty: the log has them. */
  kept: Entry[]
  /** Set where nothing may be missing: when to look whether others appended, by `Clock.now()`. */
  due?: number
}

/** Of entries at hand; beyond it the log is read. */
const keptBytes = 16 * 1024 * 1024

/** The conversations of which something is not indexed. */
export class IndexGaps {
  readonly #keeps
  #gaps = new Map<ConversationId, Gap>()
  #bytes = 0

  /** `keeps`: entries are kept at hand, so that the log need not be read again. */
  constructor(keeps: boolean) {
    this.#keeps = keeps
  }

  has(conversation: ConversationId): boolean {
    return this.#gaps.has(conversation)
  }

  conversations(): ConversationId[] {
    return [...this.#gaps.keys()]
  }

  /** Entries of one conversation that are durable now. */
  note(entries: readonly Entry[]): void {
    const [first] = entries
    if (!first) return
    const { conversation, seq, at } = first
    const gap = this.#gaps.get(conversation)
    if (!gap) this.#gaps.set(conversation, { from: seq, at, kept: this.#keep(entries) })
    else if (gap.due !== undefined) {
      // Others may have appended since; what follows on shows that they have not.
      const follows = gap.from === seq
      const missing = { from: Math.min(gap.from, seq), at: Math.min(gap.at, at), kept: [] }
      this.#gaps.set(conversation, follows ? { from: seq, at, kept: this.#keep(entries) } : missing)
    } else if (gap.kept.length > 0) {
      const follows = gap.kept.at(-1)?.seq === seq - 1 ? this.#keep(entries) : []
      if (follows.length > 0) gap.kept.push(...follows)
      else this.#drop(gap)
    }
  }

  /** It is known that something from `seq` on is missing. */
  add(conversation: ConversationId, from: number, at: number): void {
    const known = this.#gaps.get(conversation)
    if (known && known.due === undefined && known.from <= from) return
    if (known) this.#drop(known)
    this.#gaps.set(conversation, { from: Math.min(from, known?.from ?? from), at, kept: [] })
  }

  /** Everything up to `from` is indexed; what others appended behind it is looked for at `due`. */
  lookAgain(conversation: ConversationId, gap: Pick<Gap, 'from' | 'at'> & { due: number }): void {
    if (!this.#gaps.has(conversation)) this.#gaps.set(conversation, { ...gap, kept: [] })
  }

  /** It is no gap any more, unless it is put back; what is noted meanwhile is another one. */
  take(conversation: ConversationId): Gap | undefined {
    const gap = this.#gaps.get(conversation)
    this.#gaps.delete(conversation)
    if (gap) this.#bytes -= bytesOf(gap.kept)
    return gap
  }

  /** The next conversations whose entries are at hand, with at least `count` entries together, or all of them. */
  takeKept(count: number): [ConversationId, Gap][] {
    const taken: [ConversationId, Gap][] = []
    let entries = 0
    for (const [conversation, { kept }] of this.#gaps) {
      if (entries >= count) break
      if (kept.length === 0) continue
      entries += kept.length
      taken.push([conversation, this.take(conversation) as Gap])
    }
    return taken
  }

  /** Indexing it failed. */
  putBack(conversation: ConversationId, { from, at, due }: Gap): void {
    const newer = this.#gaps.get(conversation)
    if (newer) this.#drop(newer)
    const isDue = newer === undefined && due !== undefined
    this.#gaps.set(conversation, { from, at, kept: [], ...(isDue ? { due } : {}) })
  }

  /** Those that the log has to be read for by `now`. */
  toRead(now: number): ConversationId[] {
    return [...this.#gaps].filter(([, { due, kept }]) => kept.length === 0 && (due ?? 0) <= now).map(([name]) => name)
  }

  /** The time of the oldest entry that is not indexed for sure. */
  get missing(): number | undefined {
    return oldestOf([...this.#gaps.values()].filter(({ due }) => due === undefined))
  }

  /** The same with those that may be amended by what was not looked for yet. */
  get oldest(): number | undefined {
    return oldestOf(this.#gaps.values())
  }

  #keep(entries: readonly Entry[]): Entry[] {
    const bytes = bytesOf(entries)
    if (!this.#keeps || this.#bytes + bytes > keptBytes) return []
    this.#bytes += bytes
    return [...entries]
  }

  #drop(gap: Gap): void {
    this.#bytes -= bytesOf(gap.kept)
    gap.kept = []
  }
}

/** A message weighs something even when it says little. */
const bytesOf = (entries: readonly Entry[]): number => entries.reduce((sum, { body }) => sum + body.length + 500, 0)

function oldestOf(gaps: Iterable<Gap>): number | undefined {
  let oldest: number | undefined
  for (const { at } of gaps) if (oldest === undefined || at < oldest) oldest = at
  return oldest
}
