import type { MediaObjects, StoredObject, Tier, TierTotal } from '../../media/media-objects.ts'
import type { MemoryMediaRows, ObjectRow } from './media-rows.ts'

export class MemoryMediaObjects implements MediaObjects {
  readonly #rows

  constructor(rows: MemoryMediaRows) {
    this.#rows = rows
  }

  async claim({ key, size }: { key: string; size: number }, media: string, at: number): Promise<boolean> {
    const known = this.#rows.objects.get(key)
    if (known?.doomed) return false
    const row = known ?? { size, tier: 'hot', readAt: at, users: new Set<string>(), doomed: false }
    row.users.add(media)
    row.readAt = Math.max(row.readAt, at)
    this.#rows.objects.set(key, row)
    return true
  }

  async release(media: string): Promise<void> {
    for (const { users } of this.#rows.objects.values()) users.delete(media)
  }

  async find(key: string): Promise<StoredObject | undefined> {
    const row = this.#rows.objects.get(key)
    return row && objectOf(key, row)
  }

  async unused(limit: number): Promise<StoredObject[]> {
    const found = [...this.#rows.objects].filter(([, { users }]) => users.size === 0).slice(0, limit)
    for (const [, row] of found) row.doomed = true
    return found.map(([key, row]) => objectOf(key, row))
  }

  async remove(key: string): Promise<void> {
    if (this.#rows.objects.get(key)?.doomed) this.#rows.objects.delete(key)
  }

  async noteReads(reads: readonly { key: string; at: number }[]): Promise<void> {
    for (const { key, at } of reads) {
      const row = this.#rows.objects.get(key)
      if (row) row.readAt = Math.max(row.readAt, at)
    }
  }

  async setTier(key: string, tier: Tier): Promise<void> {
    const row = this.#rows.objects.get(key)
    if (row) row.tier = tier
  }

  async totals(): Promise<TierTotal[]> {
    const byTier = new Map<Tier, TierTotal>()
    for (const { tier, size } of this.#rows.objects.values()) {
      const { bytes, objects } = byTier.get(tier) ?? { bytes: 0, objects: 0 }
      byTier.set(tier, { tier, bytes: bytes + size, objects: objects + 1 })
    }
    return [...byTier.values()]
  }

  async unread(before: number, after: string, limit: number): Promise<(StoredObject & { media: string[] })[]> {
    return [...this.#rows.objects]
      .filter(([key, { tier, readAt, users }]) => key > after && tier === 'hot' && readAt < before && users.size > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([key, row]) => ({ ...objectOf(key, row), media: [...row.users] }))
  }
}

const objectOf = (key: string, { size, tier, readAt }: ObjectRow): StoredObject => ({ key, size, tier, readAt })
