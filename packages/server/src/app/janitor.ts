import { type RevocationLog, revocationRetention } from '../accounts/revocation-log.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'

const period = 60_000
const batch = 2000
/** Rows of sync queues live so long (rule Y4); sends are remembered a day longer (rule D2). */
export const queueRetention = 30 * 86_400_000
export const sendRetention = 31 * 86_400_000

/** The role that clears away what is too old: queue rows, dedupe rows, revocations, a little at a time. */
export class Janitor {
  readonly #queue
  readonly #log
  readonly #revocations
  readonly #clock
  readonly #logger
  #timer: Timer | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(deps: {
    queue: SyncQueue
    log: ConversationLog
    revocations: RevocationLog
    clock: Clock
    logger: Logger
  }) {
    this.#queue = deps.queue
    this.#log = deps.log
    this.#revocations = deps.revocations
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  start(): void {
    this.#timer = this.#clock.every(period, () => {
      this.#working = this.sweep().then(
        () => {},
        (error) => this.#logger.warn({ error }, 'the janitor stopped half way'),
      )
    })
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#working
  }

  /** @returns how many rows went. */
  async sweep(): Promise<number> {
    const now = this.#clock.now()
    let removed = 0
    for (const trim of [
      () => this.#queue.trim(now - queueRetention, batch),
      () => this.#log.trimSends(now - sendRetention, batch),
      () => this.#revocations.trim(now - revocationRetention, batch),
    ]) {
      for (let count = batch; count === batch; ) {
        count = await trim()
        removed += count
      }
    }
    return removed
  }
}
