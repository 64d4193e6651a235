import type { ReceiptImport } from '../../messages/receipt-move.ts'
import type { Watermark } from '../../messages/receipt-store.ts'
import type { Cql } from './cql.ts'
import { historyStatement, newestStatement } from './receipt-rows.ts'
import { writeAll } from './write-all.ts'

/** Brings the history of receipts. */
export class CassandraReceiptImport implements ReceiptImport {
  readonly #cql

  constructor(cql: Cql) {
    this.#cql = cql
  }

  async putWatermarks(watermarks: readonly Watermark[]): Promise<void> {
    const newest = new Map<string, Watermark>()
    for (const watermark of watermarks) {
      const key = `${watermark.conversation} ${watermark.user} ${watermark.kind}`
      if ((newest.get(key)?.upTo ?? -1) < watermark.upTo) newest.set(key, watermark)
    }
    // The history first: a newest watermark says that all before it is here.
    await writeAll(this.#cql, watermarks.map(historyStatement))
    await writeAll(this.#cql, [...newest.values()].map(newestStatement))
  }
}
