import type { Clock } from '../../lib/clock.ts'
import type { EngineReport } from '../../lib/engine-report.ts'
import type { Logger } from '../../lib/logger.ts'
import { S3BlobStore } from './blob-store.ts'
import { checkS3 } from './check.ts'
import { S3Connection } from './connection.ts'
import { loadDriver, type S3Place } from './driver.ts'

export interface OpenS3 {
  blobs: S3BlobStore
  /** @throws AppError `unavailable` while it is away or refuses this server */
  check(origin?: string): Promise<EngineReport>
  close(): Promise<void>
}

/** Nothing is asked here: a store that is away is no reason not to start. @throws Error that names missing packages */
export async function openS3(place: S3Place, { clock, logger }: { clock: Clock; logger: Logger }): Promise<OpenS3> {
  const connection = new S3Connection(await loadDriver(), place, clock, logger)
  return {
    blobs: new S3BlobStore(connection, clock, place.coldClass),
    check: (origin) => checkS3(connection, clock, origin),
    close: async () => connection.close(),
  }
}
