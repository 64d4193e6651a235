import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import { SqliteAccountExport } from './account-move.ts'
import { SqliteAccountStore } from './account-store.ts'
import { SqliteAuditExport } from './audit-move.ts'
import { SqliteBlockStore } from './block-store.ts'
import { SqliteChangeLog, watchStatements } from './changes.ts'
import { openForReading } from './connection.ts'
import { SqliteConversationLog } from './conversation-log.ts'
import { SqliteConversationStore } from './conversation-store.ts'
import { SqliteDeviceStore } from './device-store.ts'
import { SqliteLogExport } from './log-move.ts'
import { SqliteNotificationExport } from './notification-move.ts'
import { SqliteOperatorRecords } from './operator-records.ts'
import { SqliteOwnExport } from './own-move.ts'
import { SqlitePresenceStore } from './presence-store.ts'
import { SqlitePushQueue } from './push-queue.ts'
import { SqliteQueueExport } from './queue-move.ts'
import { SqliteReceiptExport } from './receipt-move.ts'
import { SqliteReceiptStore } from './receipt-store.ts'
import { SqliteRegistrationStore } from './registration-store.ts'
import { SqliteStore } from './store.ts'
import { SqliteSyncQueue } from './sync-queue.ts'

/** The stores of a server that runs, and what another process reads of them. */
export async function openMoveSource() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-move-'))
  const file = join(folder, 'parley.db')
  const clock = systemClock
  const store = await SqliteStore.open({
    file,
    clock,
    gather: 0,
    onBroken: (reason) => {
      throw new Error(reason)
    },
  })
  await store.writeThrough(true)
  await store.store(watchStatements('first'))
  const database = openForReading(file)
  return {
    store,
    log: new SqliteConversationLog(store),
    queue: new SqliteSyncQueue(store),
    conversations: new SqliteConversationStore(store),
    receipts: new SqliteReceiptStore(store),
    accounts: new SqliteAccountStore(store),
    devices: new SqliteDeviceStore(store, clock),
    blocks: new SqliteBlockStore(store),
    presence: new SqlitePresenceStore(store, clock),
    operators: new SqliteOperatorRecords(store),
    registrations: new SqliteRegistrationStore(store),
    pushes: new SqlitePushQueue(store),
    exports: {
      accounts: new SqliteAccountExport(database),
      log: new SqliteLogExport(database),
      own: new SqliteOwnExport(database),
      receipts: new SqliteReceiptExport(database),
      queue: new SqliteQueueExport(database),
      audit: new SqliteAuditExport(database),
      notifications: new SqliteNotificationExport(database),
    },
    changes: new SqliteChangeLog(database),
    async close() {
      database.close()
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
}

export type MoveSource = Awaited<ReturnType<typeof openMoveSource>>
