import type { UserId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { LastOnlineStore } from './presence-store.ts'

const gatherTime = 1000
const partSize = 500

/** When users were last online; written at most a second late, gathered. */
export class LastOnline {
  readonly #store
  readonly #clock
  readonly #logger
  #changed = new Map<UserId, number>()
  #timer: Timer | undefined

  constructor(store: LastOnlineStore, clock: Clock, logger: Logger) {
    this.#store = store
    this.#clock = clock
    this.#logger = logger
  }

  note(user: UserId, at: number): void {
    this.#changed.set(user, at)
    this.#timer ??= this.#clock.after(gatherTime, () => void this.flush())
  }

  async of(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>> {
    const stored = new Map(await this.#store.lastOnline(users))
    for (const user of users) {
      const at = this.#changed.get(user)
      if (at !== undefined) stored.set(user, at)
    }
    return stored
  }

  /** In parts, so that messages need not wait behind the times of a whole node. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const changed = [...this.#changed].map(([user, at]) => ({ user, at }))
    try {
      for (let start = 0; start < changed.length; start += partSize) {
        const times = changed.slice(start, start + partSize)
        await this.#store.saveLastOnline(times)
        for (const { user, at } of times) if (this.#changed.get(user) === at) this.#changed.delete(user)
      }
    } catch (error) {
      this.#logger.warn({ error }, 'last-online times were not saved')
      this.#timer ??= this.#clock.after(gatherTime, () => void this.flush())
    }
  }
}
