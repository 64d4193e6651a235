import type { Clock } from '../../lib/clock.ts'
import { within } from '../../lib/deadline.ts'
import { AppError, unavailable } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import type { Db, MongoClient } from './driver.ts'

/** Milliseconds after which an operation is given up: a frozen server answers nothing. */
const patience = 2_000
/** Milliseconds between looks whether indexes must still be made, and whether rows are too old. */
const upkeepEvery = 30_000

/** A document of a node about a user. */
export interface NodeDocument {
  /** `user node`: unique, so that whatever happens there is one of each. */
  _id: string
  user: string
  node: string
  status?: string
  /** When the node said so last, ms since the epoch. */
  at: number
}

export interface LastOnlineDocument {
  _id: string
  at: number
}

/** The database named in the URL. Operations reject in bounded time while it is away, and work again when it is back. */
export class MongoConnection {
  readonly #create
  readonly #clock
  readonly #logger
  readonly #counts
  readonly #upkeep: (() => Promise<void>)[] = []
  readonly #timer
  #connecting: Promise<MongoClient> | undefined
  #away = false
  #closed = false

  constructor(create: () => MongoClient, clock: Clock, logger: Logger, counts?: StatementCounts) {
    this.#create = create
    this.#clock = clock
    this.#logger = logger
    this.#counts = counts
    this.#timer = clock.every(upkeepEvery, () => void this.#keepUp())
  }

  /** Answers the document that a command gives. */
  command(command: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.run((db) => db.command(command))
  }

  /** @throws AppError `unavailable`: it is away, or the outcome is not known */
  async run<Answer>(ask: (db: Db) => Promise<Answer>): Promise<Answer> {
    if (this.#closed) throw unavailable('MongoDB is not used any more.')
    this.#counts?.note('mongodb', 'command')
    try {
      const asked = this.#connected().then((client) => ask(client.db()))
      const answer = await within(this.#clock, patience, asked, 'MongoDB did not answer in time.')
      if (this.#away) this.#logger.info({}, 'MongoDB is back')
      this.#away = false
      return answer
    } catch (error) {
      if (!this.#away && !this.#closed) this.#logger.warn({ error }, 'MongoDB is away')
      this.#away = true
      throw error instanceof AppError ? error : unavailable('MongoDB did not answer.', error)
    }
  }

  /** Runs `work` now and every half minute; it must be harmless to repeat, and may fail. */
  async keepUp(work: () => Promise<void>): Promise<void> {
    this.#upkeep.push(work)
    await work().catch(() => {})
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer.cancel()
    const closed = this.#connecting?.then((client) => client.close(true))
    await within(this.#clock, patience, closed ?? Promise.resolve(), 'MongoDB did not answer in time.').catch(() => {})
  }

  /** A client comes back by itself once it was connected; one that never was is of no use any more. */
  #connected(): Promise<MongoClient> {
    if (this.#connecting) return this.#connecting
    const client = this.#create()
    const connecting = client.connect().catch(async (error: unknown) => {
      this.#connecting = undefined
      await client.close(true).catch(() => {})
      throw error
    })
    this.#connecting = connecting
    return connecting
  }

  async #keepUp(): Promise<void> {
    for (const work of this.#upkeep) await work().catch(() => {})
  }
}
