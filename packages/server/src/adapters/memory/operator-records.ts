import type { AuditEntry } from '@parley/protocol'
import type { OperatorRecords } from '../../operators/operator-records.ts'

export class MemoryOperatorRecords implements OperatorRecords {
  readonly #offers = new Map<string, number>()
  readonly #entries = new Map<string, AuditEntry>()

  async offer(hash: string, until: number): Promise<void> {
    this.#offers.set(hash, until)
  }

  async take(hash: string, at: number): Promise<boolean> {
    const isGood = at < (this.#offers.get(hash) ?? 0)
    if (isGood) this.#offers.clear()
    return isGood
  }

  async note(entry: AuditEntry): Promise<void> {
    this.#entries.set(entry.id, entry)
  }

  async find(ids: readonly string[]): Promise<AuditEntry[]> {
    return ids.flatMap((id) => this.#entries.get(id) ?? [])
  }

  async entries(before: string | undefined, limit: number): Promise<AuditEntry[]> {
    const all = [...this.#entries.values()].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? 1 : -1))
    return all.filter(({ id }) => before === undefined || BigInt(id) < BigInt(before)).slice(0, limit)
  }
}
