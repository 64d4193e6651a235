import type { MediaId, UserId } from '@parley/protocol'

/** What a media object is told as before its bytes have come (rule M1). */
export interface AnnouncedMedia {
  id: MediaId
  owner: UserId
  /** Bytes. */
  size: number
  type: string
  /** SHA-256 of the bytes that are uploaded, in hex. */
  sha256: string
  name: string | undefined
  createdAt: number
}

/** Bytes of a media object that can be read: itself, or something made from it. */
export interface MediaVariant {
  /** Names the stored object: SHA-256 of its bytes, in hex. */
  key: string
  size: number
  type: string
}

/** What is known once the bytes were looked at (rule M2). The type is that of the bytes. */
export interface MediaFacts {
  type: string
  size: number
  width?: number
  height?: number
  /** Seconds. */
  duration?: number
  thumbhash?: string
  waveform?: number[]
  /** `original`, and what was made from it: `preview`, `thumb`, `poster`. */
  variants: Record<string, MediaVariant>
}

/**
 * `uploading` until its bytes were checked; `complete` from then on; `leaving` once it was decided that it goes: nothing
 * can refer to it any more.
 */
export type MediaRecord = AnnouncedMedia &
  ({ state: 'uploading' } | { state: 'complete'; facts: MediaFacts } | { state: 'leaving'; facts?: MediaFacts })
