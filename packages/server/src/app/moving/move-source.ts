import { join } from 'node:path'
import { DiskBlobStore } from '../../adapters/disk/blob-store.ts'
import { SqliteAccountExport } from '../../adapters/sqlite/account-move.ts'
import { SqliteAuditExport } from '../../adapters/sqlite/audit-move.ts'
import { SqliteChangeLog } from '../../adapters/sqlite/changes.ts'
import { openForReading } from '../../adapters/sqlite/connection.ts'
import { departureOf } from '../../adapters/sqlite/data-folder.ts'
import { SqliteLogExport } from '../../adapters/sqlite/log-move.ts'
import { SqliteMediaExport } from '../../adapters/sqlite/media-move.ts'
import { SqliteNotificationExport } from '../../adapters/sqlite/notification-move.ts'
import { SqliteOwnExport } from '../../adapters/sqlite/own-move.ts'
import { SqliteQueueExport } from '../../adapters/sqlite/queue-move.ts'
import { SqliteReceiptExport } from '../../adapters/sqlite/receipt-move.ts'
import { systemRandom } from '../../lib/random.ts'
import type { Departure } from '../../migration/moved-server.ts'

/** What is counted before anything is moved. */
const counted = {
  users: 'users',
  devices: 'devices',
  conversations: 'conversations',
  entries: 'entries',
  receipts: 'receipts',
  queueRows: 'queue',
  media: 'media',
} as const

/** A data folder as it is read while its server goes on. */
export function openMoveSource(folder: string) {
  const database = openForReading(join(folder, 'parley.db'))
  const blobs = new DiskBlobStore(join(folder, 'media'), systemRandom)
  return {
    folder,
    accounts: new SqliteAccountExport(database),
    log: new SqliteLogExport(database),
    own: new SqliteOwnExport(database),
    receipts: new SqliteReceiptExport(database),
    queue: new SqliteQueueExport(database),
    audit: new SqliteAuditExport(database),
    media: new SqliteMediaExport(database, (key) => blobs.readAnywhere(key)),
    notifications: new SqliteNotificationExport(database),
    changes: new SqliteChangeLog(database),
    departure: (): Departure | undefined => departureOf(folder),
    count: (): Record<keyof typeof counted, number> => {
      const count = (table: string) => database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0
      return Object.fromEntries(Object.entries(counted).map(([name, table]) => [name, count(table)])) as Record<
        keyof typeof counted,
        number
      >
    },
    close: () => {
      database.close()
    },
  }
}

export type MoveSource = ReturnType<typeof openMoveSource>
