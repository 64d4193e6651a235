import { BackOff } from '../../lib/back-off.ts'
import type { Clock } from '../../lib/clock.ts'
import { within } from '../../lib/deadline.ts'
import { AppError, unavailable } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import type { Redis, RedisDriver } from './driver.ts'

/** Milliseconds after which a command is given up, and its connection with it: the server may be frozen. */
const patience = 1_000
const connectPatience = 2_000
const retry = { first: 50, longest: 2_000 }
/** Commands on their way at once; more are refused rather than kept. */
const capacity = 10_000

/**
 * A connection that comes back by itself. The driver's own time limit ends when a command was written, and its
 * reconnecting does not see a server that is silent: so both are done here, and a broken client is replaced.
 */
export class RedisConnection {
  readonly #driver
  readonly #clock
  readonly #logger
  readonly #counts
  readonly #backOff = new BackOff(retry.first, retry.longest)
  #client: Redis | undefined
  #underWay = 0
  #closed = false
  #told = false

  constructor(driver: RedisDriver, clock: Clock, logger: Logger, counts?: StatementCounts) {
    this.#driver = driver
    this.#clock = clock
    this.#logger = logger
    this.#counts = counts
  }

  /** Resolves when it is connected, or could not be: then it goes on trying. */
  async open(): Promise<void> {
    const client = this.#driver.create()
    this.#client = client
    client.on('error', (error) => this.#replace(client, error))
    try {
      await within(this.#clock, connectPatience, client.connect(), 'Redis did not answer in time.')
    } catch (error) {
      this.#replace(client, error)
      return
    }
    this.#backOff.reset()
    if (this.#told) this.#logger.info({}, 'Redis is back')
    this.#told = false
  }

  /** @throws AppError `unavailable`: it is away, or the outcome is not known; and what the server answers as errors */
  async run<Answer>(ask: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    const client = this.#client
    if (!client?.isReady || this.#underWay >= capacity) throw unavailable('Redis is away.')
    this.#underWay++
    this.#counts?.note('redis', 'command')
    try {
      return await within(this.#clock, patience, ask(client), 'Redis did not answer in time.')
    } catch (error) {
      if (this.#driver.isAnswer(error)) throw error
      this.#replace(client, error)
      throw error instanceof AppError ? error : unavailable('Redis broke off.', error)
    } finally {
      this.#underWay--
    }
  }

  close(): void {
    this.#closed = true
    this.#client?.destroy()
    this.#client = undefined
  }

  #replace(client: Redis, error: unknown): void {
    if (this.#client !== client) return
    this.#client = undefined
    client.destroy()
    if (this.#closed) return
    if (!this.#told) this.#logger.warn({ error }, 'Redis is away')
    this.#told = true
    this.#clock.after(this.#backOff.next(), () => {
      if (!this.#closed) void this.open()
    })
  }
}
