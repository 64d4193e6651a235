import type { DeviceId, UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { Gathering } from '../lib/gathering.ts'
import type { Logger } from '../lib/logger.ts'
import type { QueuePosition } from './place.ts'
import type { DeviceCursor, SyncQueue } from './sync-queue.ts'

const gatherTime = 1000

/** How far each device has acknowledged. Written at most 1 s late, gathered. */
export class DeviceCursors {
  readonly #queue
  readonly #logger
  readonly #changed: Gathering<DeviceId, DeviceCursor>

  constructor(queue: SyncQueue, clock: Clock, logger: Logger) {
    this.#queue = queue
    this.#logger = logger
    this.#changed = new Gathering(clock, gatherTime, (changed) => void this.#save(changed))
  }

  move(user: UserId, device: DeviceId, position: QueuePosition, lastSeenMessageId: string | undefined): void {
    const known = this.#changed.get(device)
    if (known) {
      // A late row is acknowledged after rows that stand behind it.
      if (!this.#queue.late || this.#queue.compare(known.position, position) < 0) known.position = position
      known.lastSeenMessageId = lastSeenMessageId ?? known.lastSeenMessageId
      return
    }
    this.#changed.begin(device, { user, device, position, lastSeenMessageId })
  }

  flush(): Promise<void> {
    return this.#save(this.#changed.takeAll())
  }

  async #save(changed: readonly DeviceCursor[]): Promise<void> {
    if (changed.length === 0) return
    try {
      await this.#queue.saveCursors(changed)
    } catch (error) {
      // The device will acknowledge again, and nothing is decided on a cursor that lags.
      this.#logger.warn({ error, count: changed.length }, 'device cursors were not saved')
    }
  }

  async forget(user: UserId, device: DeviceId): Promise<void> {
    this.#changed.forget(device)
    await this.#queue.removeCursor(user, device)
  }

  /** What each device of a user has acknowledged, with what is not written yet. */
  async of(user: UserId): Promise<DeviceCursor[]> {
    const stored = await this.#queue.cursors(user)
    const cursors = new Map(stored.map((cursor) => [cursor.device, cursor]))
    for (const cursor of this.#changed.values()) {
      if (cursor.user !== user) continue
      const last = cursor.lastSeenMessageId ?? cursors.get(cursor.device)?.lastSeenMessageId
      cursors.set(cursor.device, { ...cursor, lastSeenMessageId: last })
    }
    return [...cursors.values()]
  }
}
