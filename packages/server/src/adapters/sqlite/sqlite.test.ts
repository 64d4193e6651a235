import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { accountStoreRules } from '../../accounts/account-store.contract.ts'
import { blockStoreRules } from '../../accounts/block-store.contract.ts'
import { deviceStoreRules } from '../../accounts/device-store.contract.ts'
import { revocationLogRules } from '../../accounts/revocation-log.contract.ts'
import { conversationStoreRules } from '../../conversations/conversation-store.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { conversationLogRules } from '../../log/conversation-log.contract.ts'
import { messageSearchRules } from '../../messages/message-search.contract.ts'
import { receiptStoreRules } from '../../messages/receipt-store.contract.ts'
import { pushQueueRules } from '../../notifications/push-queue.contract.ts'
import { registrationStoreRules } from '../../notifications/registration-store.contract.ts'
import { operatorRecordsRules } from '../../operators/operator-records.contract.ts'
import { presenceStoreRules } from '../../presence/presence-store.contract.ts'
import { syncQueueRules } from '../../sync/sync-queue.contract.ts'
import { SqliteAccountStore } from './account-store.ts'
import { SqliteBlockStore } from './block-store.ts'
import { SqliteConversationLog } from './conversation-log.ts'
import { SqliteConversationStore } from './conversation-store.ts'
import { SqliteDeviceStore } from './device-store.ts'
import type { JournalLimits } from './limits.ts'
import { SqliteMessageSearch } from './message-search.ts'
import { SqliteOperatorRecords } from './operator-records.ts'
import { SqlitePresenceStore } from './presence-store.ts'
import { SqlitePushQueue } from './push-queue.ts'
import { SqliteReceiptStore } from './receipt-store.ts'
import { SqliteRegistrationStore } from './registration-store.ts'
import { SqliteRevocationLog } from './revocation-log.ts'
import { SqliteStore } from './store.ts'
import { SqliteSyncQueue } from './sync-queue.ts'

/** Everything is on its way from the journal to its tables all the time. */
const restless: JournalLimits = { rows: 3, seconds: 0, slices: 1_000_000, slice: 1 }

/** All nodes of these tests share one data file, as the parts of one process do. */
async function open(journal?: JournalLimits) {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sqlite-'))
  const { clock, ...time } = movedTime()
  const store = await SqliteStore.open({
    file: join(folder, 'parley.db'),
    clock: { ...systemClock, now: () => clock.now() },
    gather: 0,
    ...(journal && { journal }),
    onBroken: (reason) => {
      throw new Error(reason)
    },
  })
  const presence = new SqlitePresenceStore(store, clock)
  const node = async () => ({
    log: new SqliteConversationLog(store),
    queue: new SqliteSyncQueue(store),
    store: new SqliteConversationStore(store),
    conversations: new SqliteConversationStore(store),
    receipts: new SqliteReceiptStore(store),
    search: new SqliteMessageSearch(store),
    accounts: new SqliteAccountStore(store),
    devices: new SqliteDeviceStore(store, clock),
    revocations: new SqliteRevocationLog(store, clock),
    blocks: new SqliteBlockStore(store),
    registrations: new SqliteRegistrationStore(store),
    pushes: new SqlitePushQueue(store),
    operators: new SqliteOperatorRecords(store),
    presence,
  })
  const close = async () => {
    await store.close()
    await rm(folder, { recursive: true })
  }
  return { ...time, node, close }
}

const options = { runs: 60, exact: true }
describeContract('conversation log in SQLite', conversationLogRules, () => open(), options)
describeContract('sync queue in SQLite', syncQueueRules, () => open(), options)
describeContract('conversation store in SQLite', conversationStoreRules, () => open(), options)
describeContract('receipt store in SQLite', receiptStoreRules, () => open(), options)
describeContract('message search in SQLite', messageSearchRules, () => open(), options)
describeContract('account store in SQLite', accountStoreRules, () => open(), options)
describeContract('device store in SQLite', deviceStoreRules, () => open(), options)
describeContract('block store in SQLite', blockStoreRules, () => open(), options)
describeContract('revocation log in SQLite', revocationLogRules, () => open(), options)
describeContract('operator records in SQLite', operatorRecordsRules, () => open(), options)
describeContract('presence store in SQLite', presenceStoreRules, () => open(), options)
describeContract('registration store in SQLite', registrationStoreRules, () => open(), options)
describeContract('push queue in SQLite', pushQueueRules, () => open(), options)

describe('with a journal that is always being moved', () => {
  describeContract('conversation log in SQLite', conversationLogRules, () => open(restless), options)
  describeContract('sync queue in SQLite', syncQueueRules, () => open(restless), options)
  describeContract('conversation store in SQLite', conversationStoreRules, () => open(restless), options)
  describeContract('receipt store in SQLite', receiptStoreRules, () => open(restless), options)
})
