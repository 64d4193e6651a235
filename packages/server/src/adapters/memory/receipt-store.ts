import type { ConversationId, UserId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import type { ReceiptNotice, ReceiptStore, Watermark } from '../../messages/receipt-store.ts'
import type { Place } from '../../sync/place.ts'
import type { MemoryStores } from './stores.ts'

const second = (at: number): number => Math.floor(at / 1000)

export class MemoryReceiptStore implements ReceiptStore {
  readonly #stores: MemoryStores
  readonly #clock: Clock

  constructor(stores: MemoryStores, clock: Clock) {
    this.#stores = stores
    this.#clock = clock
  }

  async save(watermarks: readonly Watermark[], notices: readonly ReceiptNotice[]): Promise<Place[]> {
    for (const watermark of watermarks) {
      const rows = this.#rows(watermark.conversation)
      const last = rows.findLastIndex((row) => row.user === watermark.user && row.kind === watermark.kind)
      const newest = rows[last]
      if (newest && newest.upTo >= watermark.upTo) continue
      // The later time stands for the whole row: nothing is told to have been seen before it was sent.
      const sameSecond = newest && second(watermark.at) <= second(newest.at)
      if (sameSecond) rows[last] = { ...watermark, at: Math.max(newest.at, watermark.at) }
      else rows.push(watermark)
    }
    const at = this.#clock.now()
    return notices.map(({ user, update }) => this.#stores.place(user, { at, pointer: { kind: 'update', update } }))
  }

  async latest(conversation: ConversationId): Promise<Watermark[]> {
    return [...byMember(this.#rows(conversation)).values()].map((rows) => rows.at(-1)!)
  }

  async firstCovering(conversation: ConversationId, seq: number): Promise<Watermark[]> {
    const members = [...byMember(this.#rows(conversation)).values()]
    return members.flatMap((rows) => rows.find((row) => row.upTo >= seq) ?? [])
  }

  async covering(
    conversation: ConversationId,
    users: readonly UserId[],
    from: number,
    to: number,
  ): Promise<Watermark[]> {
    const own = this.#rows(conversation).filter((row) => users.includes(row.user) && row.upTo >= from)
    const found = [...byMember(own).values()].flatMap((rows) => {
      const beyond = rows.findIndex((row) => row.upTo > to)
      return beyond < 0 ? rows : rows.slice(0, beyond + 1)
    })
    return found.sort((a, b) => a.upTo - b.upTo)
  }

  #rows(conversation: ConversationId): Watermark[] {
    const rows = this.#stores.watermarks.get(conversation) ?? []
    this.#stores.watermarks.set(conversation, rows)
    return rows
  }
}

/** By user and kind; rows keep their order, which is ascending. */
function byMember(rows: readonly Watermark[]): Map<string, Watermark[]> {
  return Map.groupBy(rows, (row) => `${row.user} ${row.kind}`)
}
