import type { Readable } from 'node:stream'
import type { MediaId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { MediaRecord } from './media-record.ts'
import type { MediaReference } from './media-references.ts'

/** A media object as it is on its way to other stores. */
export interface MovedMedia {
  record: MediaRecord
  /** ms; when it was completed, 0 before. */
  completeAt: number
  references: MediaReference[]
}

/** Media as another process reads them while the server goes on. */
export interface MediaExport {
  pageOfMedia(after: string | undefined, limit: number): Promise<KeyPage>
  /** Those that are there, and do not leave. */
  media(ids: readonly MediaId[]): Promise<MovedMedia[]>
  /** An object's bytes, in whatever tier they are. */
  bytes(key: string): Promise<Readable>
}
