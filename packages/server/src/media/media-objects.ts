import type { MediaId } from '@parley/protocol'

export type Tier = 'hot' | 'cold'

/** Bytes in the blob store, named by their SHA-256 in hex. */
export interface StoredObject {
  key: string
  size: number
  tier: Tier
  /** ms; when it was stored, or last read. */
  readAt: number
}

/** What a tier holds. */
export interface TierTotal {
  tier: Tier
  bytes: number
  objects: number
}

/**
 * Port: which bytes are stored, and for which media: the same bytes once, however many media have them.
 * A use is noted before the bytes are stored, and forgotten when the media goes; what nobody uses can be removed.
 * Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface MediaObjects {
  /** `media` uses the object. False: it is being removed right now; the caller comes back. */
  claim(object: { key: string; size: number }, media: MediaId, at: number): Promise<boolean>
  /** `media` uses none of its objects any more. */
  release(media: MediaId): Promise<void>
  find(key: string): Promise<StoredObject | undefined>
  /** Objects that nobody uses, at most `limit`; each is claimed by nobody from now on until it is removed. */
  unused(limit: number): Promise<StoredObject[]>
  /** Its bytes are gone. */
  remove(key: string): Promise<void>
  /** Forward only. */
  noteReads(reads: readonly { key: string; at: number }[]): Promise<void>
  setTier(key: string, tier: Tier): Promise<void>
  /** Of every tier that holds something. Looks at all objects: not for each request. */
  totals(): Promise<TierTotal[]>
  /** Hot objects last read before `before`, in order of their keys, behind `after`; each with the media that use it. */
  unread(before: number, after: string, limit: number): Promise<(StoredObject & { media: MediaId[] })[]>
}
