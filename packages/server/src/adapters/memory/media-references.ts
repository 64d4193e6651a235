import type { MediaReference, MediaReferences } from '../../media/media-references.ts'
import type { MemoryMediaRows } from './media-rows.ts'

export class MemoryMediaReferences implements MediaReferences {
  readonly #rows

  constructor(rows: MemoryMediaRows) {
    this.#rows = rows
  }

  async refer(reference: MediaReference & { checkAt: number }): Promise<boolean> {
    if (this.#rows.media.get(reference.media)?.record.state !== 'complete') return false
    const all = this.#rows.referencesOf(reference.media)
    const known = all.get(reference.by)
    if (!known) all.set(reference.by, { ...reference })
    else if (known.checkAt !== undefined) known.checkAt = Math.max(known.checkAt, reference.checkAt)
    return true
  }

  async settle({ media, by, conversation, seq }: Omit<MediaReference, 'checkAt'>): Promise<void> {
    if (this.#rows.media.get(media)?.record.state !== 'complete') return
    this.#rows.referencesOf(media).set(by, { media, by, conversation, seq, checkAt: undefined })
  }

  async drop(media: string, by: string): Promise<void> {
    this.#rows.references.get(media)?.delete(by)
  }

  async doubt(media: string, conversation: string, seq: number, at: number): Promise<void> {
    for (const one of this.#rows.references.get(media)?.values() ?? []) {
      if (one.conversation === conversation && one.seq === seq) one.checkAt = at
    }
  }

  async of(media: string, after: string, limit: number): Promise<MediaReference[]> {
    const all = [...(this.#rows.references.get(media)?.values() ?? [])].filter(({ by }) => by > after)
    all.sort((a, b) => (a.by < b.by ? -1 : 1))
    return all.slice(0, limit).map((one) => ({ ...one }))
  }

  async doubtful(at: number, limit: number): Promise<MediaReference[]> {
    const all = [...this.#rows.references.values()].flatMap((group) => [...group.values()])
    const due = all.filter(({ checkAt }) => checkAt !== undefined && checkAt <= at)
    return due.slice(0, limit).map((one) => ({ ...one }))
  }
}
