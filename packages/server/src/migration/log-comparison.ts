import type { ConversationId } from '@parley/protocol'
import { Turns } from '../lib/turns.ts'
import type { ConversationRecord } from '../log/conversation-record.ts'
import type { Head } from '../log/entry.ts'
import type { LogExport, MovedConversation, MovedEntry } from '../log/log-move.ts'
import type { LogTarget } from './log-move.ts'
import { Comparison } from './move.ts'

const entriesAtOnce = 500
const conversationsAtOnce = 12
const recentEntries = 200
/** ms. Older sends may be forgotten on one side before they are on the other. */
const sendsToldApart = 30 * 86_400_000

/** Conversations on both sides, as the ports give them. */
export class LogComparison {
  readonly #source
  readonly #target
  readonly #now

  constructor(source: LogExport, target: LogTarget, now: () => number) {
    this.#source = source
    this.#target = target
    this.#now = now
  }

  async compare(ids: readonly ConversationId[], extent: 'whole' | 'recent'): Promise<Map<string, Comparison>> {
    const arrived = await this.#target.import.arrived(ids)
    const turns = new Turns(conversationsAtOnce)
    const found = await this.#source.conversations(ids)
    const compared = await Promise.all(
      found.map(async (one) => {
        const { id } = one.record
        return [id, await turns.take(() => this.#compareOne(one, arrived.get(id), extent))] as const
      }),
    )
    return new Map(compared)
  }

  async #compareOne(
    { record, head }: MovedConversation,
    arrived: number | undefined,
    extent: 'whole' | 'recent',
  ): Promise<Comparison> {
    const comparison = new Comparison()
    const upTo = head?.seq ?? 0
    if (arrived === upTo) await this.#compareHeads(comparison, record, head)
    // Where people went on already, only what was moved is looked at.
    else comparison.behind = (arrived ?? -1) < upTo
    const last = Math.min(upTo, arrived ?? 0)
    const first = extent === 'whole' ? 0 : Math.max(0, last - recentEntries)
    const amended = new Map<string, number>()
    for (let after = first; after < last; after += entriesAtOnce) {
      const end = Math.min(after + entriesAtOnce, last)
      for (const entry of await this.#compareEntries(comparison, record.id, after, end)) noteAmendment(amended, entry)
    }
    if (extent === 'whole') await this.#compareAmendments(comparison, record.id, last, amended)
    return comparison
  }

  async #compareHeads(comparison: Comparison, record: ConversationRecord, head: Head | undefined): Promise<void> {
    comparison.source.add({ record, head })
    const there = await this.#target.conversations.load(record.id)
    // A head that is none yet is made up by both in their own way.
    if (there) comparison.target.add({ record: there.record, head: head && there.head })
  }

  /** @returns those of the source */
  async #compareEntries(
    comparison: Comparison,
    conversation: ConversationId,
    after: number,
    upTo: number,
  ): Promise<MovedEntry[]> {
    const limit = upTo - after
    const [here, there] = await Promise.all([
      this.#source.entries(conversation, after, upTo, limit),
      this.#target.log.read(conversation, { after, before: upTo + 1, limit }),
    ])
    const recent = this.#now() - sendsToldApart
    const sends = await this.#target.import.fingerprints(conversation, there)
    for (const { fingerprint, ...entry } of here) {
      comparison.source.add({ ...entry, fingerprint: entry.at > recent ? fingerprint : undefined })
    }
    for (const [index, entry] of there.entries()) {
      comparison.target.add({ ...entry, fingerprint: entry.at > recent ? sends[index] : undefined })
    }
    return here
  }

  /** `amended`: the newest that amends each, of the source. */
  async #compareAmendments(
    comparison: Comparison,
    conversation: ConversationId,
    upTo: number,
    amended: ReadonlyMap<string, number>,
  ): Promise<void> {
    for (const seq of amended.values()) comparison.source.add({ amendment: seq })
    const targets = [...amended.keys()].map((key) => Number(key.split(' ')[0]))
    const blocks = new Set(targets.map((target) => Math.floor(target / entriesAtOnce)))
    for (const block of blocks) {
      const from = block * entriesAtOnce
      for (const { seq } of await this.#target.log.amendments(conversation, from, from + entriesAtOnce - 1)) {
        if (seq <= upTo) comparison.target.add({ amendment: seq })
      }
    }
  }
}

function noteAmendment(amended: Map<string, number>, { kind, sender, body, seq }: MovedEntry): void {
  if (kind !== 'edit' && kind !== 'delete' && kind !== 'reaction') return
  const { target } = JSON.parse(body) as { target: number }
  amended.set(`${target} ${kind} ${kind === 'reaction' ? sender : ''}`, seq)
}
