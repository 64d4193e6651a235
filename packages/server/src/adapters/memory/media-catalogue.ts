import type { MediaCatalogue } from '../../media/media-catalogue.ts'
import type { AnnouncedMedia, MediaFacts, MediaRecord } from '../../media/media-record.ts'
import type { MemoryMediaRows } from './media-rows.ts'

export class MemoryMediaCatalogue implements MediaCatalogue {
  readonly #rows

  constructor(rows: MemoryMediaRows) {
    this.#rows = rows
  }

  async create(media: AnnouncedMedia, quota: number): Promise<boolean> {
    if (this.#rows.media.has(media.id)) return true
    const { bytes } = await this.usage(media.owner)
    if (bytes + media.size > quota) return false
    this.#rows.media.set(media.id, { record: { ...media, state: 'uploading' }, completeAt: 0 })
    return true
  }

  async find(id: string): Promise<MediaRecord | undefined> {
    const row = this.#rows.media.get(id)
    return row && structuredClone(row.record)
  }

  async complete(id: string, facts: MediaFacts, at: number): Promise<boolean> {
    const row = this.#rows.media.get(id)
    if (!row || row.record.state === 'leaving') return false
    if (row.record.state === 'complete') return true
    row.record = { ...row.record, state: 'complete', facts: structuredClone(facts) }
    row.completeAt = at
    return true
  }

  async condemn(id: string): Promise<boolean> {
    const row = this.#rows.media.get(id)
    if (!row || this.#rows.isReferred(id)) return false
    row.record = { ...row.record, state: 'leaving' }
    return true
  }

  async forget(id: string): Promise<void> {
    if (this.#rows.media.get(id)?.record.state === 'leaving') this.#rows.media.delete(id)
  }

  async deserted(before: { unfinished: number; unreferenced: number }, limit: number): Promise<MediaRecord[]> {
    const found: MediaRecord[] = []
    for (const { record, completeAt } of this.#rows.media.values()) {
      const { state, createdAt, id } = record
      const goes =
        state === 'leaving' ||
        (state === 'uploading' && createdAt < before.unfinished) ||
        (state === 'complete' && completeAt < before.unreferenced && !this.#rows.isReferred(id))
      if (goes) found.push(structuredClone(record))
    }
    return found.slice(0, limit)
  }

  async usage(owner: string): Promise<{ bytes: number; count: number }> {
    const own = [...this.#rows.media.values()].filter(({ record }) => record.owner === owner)
    return { bytes: own.reduce((sum, { record }) => sum + record.size, 0), count: own.length }
  }
}
