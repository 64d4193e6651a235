import type { KeyPage } from '../lib/key-page.ts'
import type { AuditExport } from '../operators/audit-move.ts'
import type { OperatorRecords } from '../operators/operator-records.ts'
import { Comparison, type Move } from './move.ts'

/** What operators did. Entries are never changed. Offers to become the first operator stay: a start makes new ones. */
export class AuditMove implements Move {
  readonly kind = 'audit'
  readonly keysAre = 'audit entries'
  readonly #source
  readonly #target

  constructor(source: AuditExport, target: Pick<OperatorRecords, 'note' | 'find'>) {
    this.#source = source
    this.#target = target
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfEntries(after, limit)
  }

  async copy(ids: readonly string[]): Promise<number> {
    const entries = await this.#source.entries(ids)
    for (const entry of entries) await this.#target.note(entry)
    return entries.length
  }

  async compare(ids: readonly string[]): Promise<Map<string, Comparison>> {
    const comparisons = new Map(ids.map((id) => [id, new Comparison()]))
    const [here, there] = await Promise.all([this.#source.entries(ids), this.#target.find(ids)])
    for (const entry of here) comparisons.get(entry.id)?.source.add(entry)
    for (const entry of there) comparisons.get(entry.id)?.target.add(entry)
    return comparisons
  }
}
