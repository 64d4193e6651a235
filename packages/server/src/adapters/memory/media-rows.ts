import type { Tier } from '../../media/media-objects.ts'
import type { MediaRecord } from '../../media/media-record.ts'
import type { MediaReference } from '../../media/media-references.ts'

export interface ObjectRow {
  size: number
  tier: Tier
  readAt: number
  users: Set<string>
  doomed: boolean
}

/** What the parts of the media catalogue share, for tests and simulations. */
export class MemoryMediaRows {
  readonly media = new Map<string, { record: MediaRecord; completeAt: number }>()
  /** By media, then by name. */
  readonly references = new Map<string, Map<string, MediaReference>>()
  readonly objects = new Map<string, ObjectRow>()

  referencesOf(media: string): Map<string, MediaReference> {
    const known = this.references.get(media) ?? new Map<string, MediaReference>()
    this.references.set(media, known)
    return known
  }

  isReferred(media: string): boolean {
    return (this.references.get(media)?.size ?? 0) > 0
  }
}
