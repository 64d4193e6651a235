import { type RevocationLog, revocationRetention } from '../accounts/revocation-log.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { MediaSweep } from '../media/media-sweep.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'

const period = 60_000
const batch = 2000
/** Rows of sync queues live so long (rule Y4); sends are remembered a day longer (rule D2). */
export const queueRetention = 30 * 86_400_000
export const sendRetention = 31 * 86_400_000

/** How long (ms) a node is gone before others finish what it left: it may only have been cut off. */
const leftTime = 5000

/** The other nodes, as the janitor sees them. */
export interface JanitorCluster {
  /** True while this node is the one that clears away. */
  leads(task: 'janitor'): boolean
  /** Every node that is alive. */
  live(): ReadonlySet<string>
  onGone(listener: () => void): void
}

/** The role that clears away what is too old: queue rows, dedupe rows, revocations, a little at a time. */
export class Janitor {
  readonly #queue
  readonly #log
  readonly #revocations
  readonly #media
  readonly #clock
  readonly #logger
  readonly #cluster
  #timer: Timer | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(deps: {
    queue: SyncQueue
    log: ConversationLog
    revocations: RevocationLog
    /** undefined: there are no media. */
    mediaSweep?: Pick<MediaSweep, 'sweep'> | undefined
    clock: Clock
    logger: Logger
    /** Absent: this node is alone. */
    cluster?: JanitorCluster | undefined
  }) {
    this.#queue = deps.queue
    this.#log = deps.log
    this.#revocations = deps.revocations
    this.#media = deps.mediaSweep
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#cluster = deps.cluster
    this.#cluster?.onGone(() => {
      if (this.#timer) this.#clock.after(leftTime, () => this.#work(() => this.#completeLeft()))
    })
  }

  start(): void {
    this.#timer = this.#clock.every(period, () => {
      this.#work(async () => {
        await this.#completeLeft()
        await this.sweep()
        await this.#media?.sweep()
      })
    })
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
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

  #work(run: () => Promise<unknown>): void {
    if (this.#cluster && !this.#cluster.leads('janitor')) return
    this.#working = this.#working.then(run).then(
      () => {},
      (error) => this.#logger.warn({ error }, 'the janitor stopped half way'),
    )
  }

  /** What dead nodes stored reaches everybody's queue, also when its sender never comes back. */
  async #completeLeft(): Promise<void> {
    if (this.#cluster) await this.#log.completeLeft(this.#cluster.live())
  }
}
