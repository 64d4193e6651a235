import { MemoryAccountStore } from '../../../server/src/adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../../../server/src/adapters/memory/block-store.ts'
import { MemoryConversationLog } from '../../../server/src/adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../../../server/src/adapters/memory/conversation-store.ts'
import { MemoryDeviceStore } from '../../../server/src/adapters/memory/device-store.ts'
import { MemoryMessageSearch } from '../../../server/src/adapters/memory/message-search.ts'
import { MemoryOperatorRecords } from '../../../server/src/adapters/memory/operator-records.ts'
import { MemoryPresenceStore } from '../../../server/src/adapters/memory/presence-store.ts'
import { MemoryPushQueue } from '../../../server/src/adapters/memory/push-queue.ts'
import { MemoryReceiptStore } from '../../../server/src/adapters/memory/receipt-store.ts'
import { MemoryRegistrationStore } from '../../../server/src/adapters/memory/registration-store.ts'
import { MemoryRevocationLog } from '../../../server/src/adapters/memory/revocation-log.ts'
import { MemoryStores } from '../../../server/src/adapters/memory/stores.ts'
import { MemorySyncQueue } from '../../../server/src/adapters/memory/sync-queue.ts'
import { MemoryUsers } from '../../../server/src/adapters/memory/users.ts'
import { LateRows, latePosition } from '../../../server/src/adapters/unsteady/late-rows.ts'
import { LateSyncQueue } from '../../../server/src/adapters/unsteady/late-sync-queue.ts'
import type { Ports } from '../../../server/src/app/services.ts'
import type { Clock, Timer } from '../../../server/src/lib/clock.ts'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import type { Place } from '../../../server/src/sync/place.ts'
import type { DeviceCursor, Pointer, SyncQueue } from '../../../server/src/sync/sync-queue.ts'
import { altered } from './altered.ts'
import { LaneRows } from './engines/lane-rows.ts'

/** The ports that keep something. */
export type StoredPorts = Omit<Ports, 'limiter' | 'lease' | 'media'>

/** The time at which a write was made, also when it is made again after a crash. */
class WriteTime implements Clock {
  at = 0

  now(): number {
    return this.at
  }

  monotonic(): number {
    return this.at
  }

  after(): Timer {
    throw new Error('A store in memory sets no timers.')
  }

  every(): Timer {
    return this.after()
  }

  soon(): void {
    this.after()
  }
}

/** W of the sync queues of a cluster, ms. */
export const lateness = 10_000

/** Where rows lie that a write puts on queues: the first at `time` (µs), the others behind it. */
export interface RowTimes {
  time: number
  writer: string
}

/** All that a cluster has stored, behind its ports; every call is done when it returns. */
export class StoreSet {
  readonly time = new WriteTime()
  readonly stores = new MemoryStores()
  readonly users = new MemoryUsers(this.time)
  readonly rows = new LateRows()
  /** Of the write that is being made. */
  placing: RowTimes = { time: 0, writer: '' }
  readonly ports
  readonly lanes
  readonly #isLate

  /** `late`: nodes have no common clock, rows lie in the order of their times. */
  constructor(queues: 'exact' | 'late') {
    this.#isLate = queues === 'late'
    const log = new MemoryConversationLog(this.stores, this.time)
    this.lanes = new LaneRows(log, this.rows)
    this.ports = {
      accounts: new MemoryAccountStore(this.users),
      devices: new MemoryDeviceStore(this.users),
      blocks: new MemoryBlockStore(this.users),
      revocations: new MemoryRevocationLog(this.users),
      registrations: new MemoryRegistrationStore(this.users),
      pushes: new MemoryPushQueue(),
      operators: new MemoryOperatorRecords(),
      log,
      queue: this.#isLate ? this.#lateQueue() : new MemorySyncQueue(this.stores, this.time),
      conversations: new MemoryConversationStore(this.stores, this.time),
      receipts: new MemoryReceiptStore(this.stores, this.time),
      presence: new MemoryPresenceStore(this.time),
      search: new MemoryMessageSearch(this.stores),
    } satisfies StoredPorts
  }

  get cursors(): Iterable<DeviceCursor> {
    return (this.#isLate ? this.rows : this.stores).cursors.values()
  }

  #lateQueue(): SyncQueue {
    const queue = new LateSyncQueue(this.rows, { clock: this.time, random: seededRandom(0), within: lateness })
    this.stores.place = (user, { pointer }) => this.#place(user, pointer)
    const put: SyncQueue['put'] = async (updates) =>
      updates.map(({ user, update }) => this.#place(user, { kind: 'update', update }))
    return altered<SyncQueue>(queue, { put })
  }

  #place(user: string, pointer: Pointer): Place {
    const position = latePosition(this.placing.time++, this.placing.writer)
    this.rows.insert(user, { position, pointer })
    return { user, position }
  }
}
