import type { MediaId, UserId } from '@parley/protocol'
import type { AnnouncedMedia, MediaFacts, MediaRecord } from './media-record.ts'

/**
 * Port: which media objects there are. Opened from one technology with `media-references`: `condemn` and `refer` of one
 * object exclude each other, so that nothing that something refers to is ever deleted (I10).
 * Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface MediaCatalogue {
  /**
   * Adds one as `uploading`, unless the sizes of its owner's objects would be more than `quota` bytes together: then
   * false. Those created at the same moment may pass the quota together. One that is there already: true.
   */
  create(media: AnnouncedMedia, quota: number): Promise<boolean>
  find(id: MediaId): Promise<MediaRecord | undefined>
  /** `uploading` → `complete`. The facts of the first call stay. False: there is none, or it is leaving. */
  complete(id: MediaId, facts: MediaFacts, at: number): Promise<boolean>
  /** Any state → `leaving`, unless something refers to it: then false. One that is not there: false. */
  condemn(id: MediaId): Promise<boolean>
  /** A leaving one is gone, and its size is free again for its owner. Others stay. */
  forget(id: MediaId): Promise<void>
  /**
   * What may go: `uploading` and created before `unfinished` (ms), `complete` before `unreferenced` (ms) without any
   * reference, and everything `leaving`. At most `limit`, in no particular order.
   */
  deserted(before: { unfinished: number; unreferenced: number }, limit: number): Promise<MediaRecord[]>
  /** Bytes and number of the owner's objects. */
  usage(owner: UserId): Promise<{ bytes: number; count: number }>
}
