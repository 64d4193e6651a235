import type { Readable } from 'node:stream'
import type { MediaId } from '@parley/protocol'

/** How the bytes of an upload come. `from` and `size` in bytes. */
export type UploadPlan =
  /** Through this node, by tus. `offset`: the bytes that are there. */
  | { by: 'tus'; offset: number }
  /** To the store itself; every part to the URL that was signed for it. `stored`: it is there. */
  | { by: 'parts'; method: 'PUT'; headers: Record<string, string>; parts: UploadPart[] }

export interface UploadPart {
  number: number
  from: number
  size: number
  url: string
  stored: boolean
}

/** Bytes of an upload that is not kept yet, or of an object. */
export type BlobName = { upload: MediaId } | { key: string }

/** Both included, as in HTTP. */
export interface ByteRange {
  start: number
  end: number
}

/** How a browser is to take what a link leads to. */
export interface LinkHeaders {
  type: string
  /** `Content-Disposition`. */
  disposition: string
}

/**
 * Port: bytes. An upload takes them from a client; an object has them for good, named by their SHA-256 (so whoever
 * stores it twice stores the same). Everything may be repeated; what rejects as `unavailable` may have been done.
 * Streams: nothing is held in memory whole.
 */
export interface BlobStore {
  /** Takes an upload of `size` bytes; for one that was begun already, how it goes on, with fresh URLs. */
  begin(upload: { id: MediaId; size: number; type: string }): Promise<UploadPlan>
  /** No more bytes are taken. @returns how many there are; @throws AppError `conflict` while some are missing */
  finish(id: MediaId, size: number): Promise<number>
  /** What an upload that is finished brought is the object `key`, durably; the upload goes. */
  keep(id: MediaId, key: string): Promise<void>
  /** The upload goes, whatever came. */
  discard(id: MediaId): Promise<void>
  /** Durable when it resolves; of a stream that fails nothing is stored. */
  put(key: string, bytes: Readable, size: number): Promise<void>
  /** @throws AppError `not_found`; `unavailable` for an object that has to be restored first */
  read(name: BlobName, range?: ByteRange): Promise<Readable>
  remove(key: string): Promise<void>
  /** To the cold tier: cheaper, and not to be read until it is restored. @returns the bytes it takes there */
  cool(key: string): Promise<number>
  /** Back from there. `restoring`: it has begun, ask again after `wait` ms. For a hot one: `ready`. */
  restore(key: string): Promise<{ state: 'ready' } | { state: 'restoring'; wait: number }>
  /** A URL by which anybody reads the object until `expiresAt` (ms), with ranges; undefined: this node serves it. */
  link(key: string, headers: LinkHeaders, expiresAt: number): Promise<string | undefined>
}
