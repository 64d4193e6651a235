import type { DeviceId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'
import type { DeviceStore } from './device-store.ts'
import type { Identity } from './identity.ts'

const remembered = 100_000
/** Milliseconds in which a device is noted once. */
const period = 60_000
/** Milliseconds for which notes are gathered. */
const gather = 1000

/** When devices were last seen, to the minute: kept in memory, and stored together. */
export class LastSeen {
  readonly #store
  readonly #clock
  #times = new Lru<DeviceId, number>(remembered)
  #waiting = new Map<DeviceId, { id: DeviceId; user: string; at: number }>()
  #timer: Timer | undefined

  constructor(store: DeviceStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** `stored`: the time that the store has. */
  note({ user, device }: Identity, stored = 0): void {
    const now = this.#clock.now()
    const known = Math.max(this.#times.get(device) ?? 0, stored)
    const due = now - known >= period
    this.#times.set(device, due ? now : known)
    if (!due) return
    this.#waiting.set(device, { id: device, user, at: now })
    this.#timer ??= this.#clock.after(gather, () => void this.flush().catch(() => {}))
  }

  /** 0 when it was not seen here lately. */
  of(device: DeviceId): number {
    return this.#times.get(device) ?? 0
  }

  /** When the store refuses, the times are noted again within a minute. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const seen = [...this.#waiting.values()]
    this.#waiting.clear()
    if (seen.length > 0) await this.#store.seen(seen)
  }
}
