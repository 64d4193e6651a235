import type { ConversationId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import { Turns } from '../lib/turns.ts'
import { type ReceiptExport, type ReceiptImport, settledMoves } from '../messages/receipt-move.ts'
import type { ReceiptStore, Watermark } from '../messages/receipt-store.ts'
import { Comparison, type Move } from './move.ts'

const rowsAtOnce = 500
const conversationsAtOnce = 12
/** Seqs at the end of a history that are looked at when little can have changed. */
const recentSeqs = 500

const nameOf = ({ user, kind }: Watermark): string => `${user} ${kind}`

/** The history of who was delivered and read what, and when. */
export class ReceiptMove implements Move {
  readonly kind = 'receipts'
  readonly keysAre = 'conversations'
  readonly #source
  readonly #target
  readonly #store

  constructor(source: ReceiptExport, target: ReceiptImport, store: Pick<ReceiptStore, 'latest' | 'covering'>) {
    this.#source = source
    this.#target = target
    this.#store = store
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfConversations(after, limit)
  }

  async copy(conversations: readonly ConversationId[]): Promise<number> {
    const turns = new Turns(conversationsAtOnce)
    const counts = await Promise.all(conversations.map((one) => turns.take(() => this.#copyOne(one))))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async compare(
    conversations: readonly ConversationId[],
    extent: 'whole' | 'recent',
  ): Promise<Map<string, Comparison>> {
    const turns = new Turns(conversationsAtOnce)
    const compared = await Promise.all(
      conversations.map(async (one) => [one, await turns.take(() => this.#compareOne(one, extent))] as const),
    )
    return new Map(compared)
  }

  async #copyOne(conversation: ConversationId): Promise<number> {
    const [newest, arrived] = await Promise.all([this.#source.newest(conversation), this.#arrived(conversation)])
    let rows = 0
    for (const last of newest) {
      // The newest one that is there may have made room for another since.
      let from = arrived.get(nameOf(last))?.upTo ?? 0
      while (from <= last.upTo) {
        const page = await this.#source.history(last, from, rowsAtOnce)
        await this.#target.putWatermarks(page)
        rows += page.length
        if (page.length < rowsAtOnce) break
        from = (page.at(-1)?.upTo ?? last.upTo) + 1
      }
    }
    return rows
  }

  async #compareOne(conversation: ConversationId, extent: 'whole' | 'recent'): Promise<Comparison> {
    const comparison = new Comparison()
    const [newest, arrived] = await Promise.all([this.#source.newest(conversation), this.#arrived(conversation)])
    for (const last of newest) {
      const there = arrived.get(nameOf(last))
      if ((there?.upTo ?? 0) < last.upTo) comparison.behind = true
      if (!there) continue
      const from = extent === 'whole' ? 0 : Math.max(0, last.upTo - recentSeqs)
      const rows = await this.#store.covering(conversation, [last.user], from, last.upTo)
      for (const row of rows) if (row.kind === last.kind) comparison.target.add(row)
      for (const row of await this.#settled(last, from)) {
        if (row.upTo <= there.upTo) comparison.source.add(row)
      }
    }
    return comparison
  }

  async #settled(last: Watermark, from: number): Promise<Watermark[]> {
    const rows: Watermark[] = []
    for (let next = from; ; ) {
      const page = await this.#source.history(last, next, rowsAtOnce)
      rows.push(...page)
      if (page.length < rowsAtOnce) return settledMoves(rows)
      next = (page.at(-1)?.upTo ?? next) + 1
    }
  }

  async #arrived(conversation: ConversationId): Promise<Map<string, Watermark>> {
    return new Map((await this.#store.latest(conversation)).map((watermark) => [nameOf(watermark), watermark]))
  }
}
