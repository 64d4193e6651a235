import type { WorkerLease } from '../../cluster/coordinator.ts'
import type { Clock } from '../../lib/clock.ts'
import { unavailable } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { Reconciler } from '../../lib/reconciler.ts'
import { Turns } from '../../lib/turns.ts'
import type { ZooKeeperConnection } from './connection.ts'
import { isKind, ZooKeeperError } from './stored-node.ts'
import type { WorkerNumbers, WorkerRecord } from './worker-numbers.ts'

/** Part of the session's timeout since it was surely alive, after which the number may be somebody else's. */
const heldFor = 3 / 4
/** Ceilings are reserved for so many timeouts: for as long as the number is held without ZooKeeper, and more. */
const reserveFor = 2
/** Milliseconds that who needs a number waits for the first. */
const patience = 15_000

interface Claim {
  worker: number
  /** In which it was taken: when that is over, the number may be taken by others. */
  session: string
  /** Others made ids below it only. */
  floor: number
  record: WorkerRecord
}

/**
 * A worker number, held by a session and fenced by the version of its stored ceiling: who lost it without knowing cannot
 * raise the ceiling, and makes no ids beyond the one it had.
 */
export class ZooKeeperLease implements WorkerLease {
  readonly #connection
  readonly #numbers
  readonly #owner
  readonly #clock
  readonly #logger
  readonly #taking
  readonly #raising = new Turns(1)
  #claim: Claim | undefined
  /** Perhaps claimed in `session`, or not read and signed: to be tried first, or it would be nobody's while that lasts. */
  #claiming: { worker: number; session: string } | undefined
  #failure: unknown
  #first: (() => void)[] = []

  /** `owner`: a name that no other process has. */
  constructor(deps: {
    connection: ZooKeeperConnection
    numbers: WorkerNumbers
    owner: string
    clock: Clock
    logger: Logger
  }) {
    this.#connection = deps.connection
    this.#numbers = deps.numbers
    this.#owner = deps.owner
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#taking = new Reconciler(
      () => this.#take(),
      deps.clock,
      (error) => {
        this.#failure = error
      },
    )
    this.#connection.onReady(() => this.#taking.wake())
    this.#taking.wake()
  }

  get worker(): number {
    return this.#claim?.worker ?? 0
  }

  get reserve(): number {
    return this.#connection.timeout * reserveFor
  }

  held(): boolean {
    return this.#isCurrent() && this.#connection.isSure(heldFor)
  }

  floor(): number {
    return this.#claim?.floor ?? 0
  }

  ceiling(): number {
    return this.#claim?.record.ceiling ?? 0
  }

  raise(ceiling: number): Promise<void> {
    return this.#raising.take(() => this.#raise(ceiling))
  }

  /** Resolves when the first number was taken. @throws AppError `unavailable` */
  async taken(): Promise<void> {
    if (this.#claim) return
    await new Promise<void>((resolve, reject) => {
      const timer = this.#clock.after(patience, () =>
        reject(unavailable('No worker number could be taken in ZooKeeper.', this.#failure)),
      )
      this.#first.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  stop(): Promise<void> {
    return this.#taking.stop()
  }

  #isCurrent(): boolean {
    return this.#claim !== undefined && this.#claim.session === this.#connection.session
  }

  async #raise(ceiling: number): Promise<void> {
    const claim = this.#claim
    if (!claim || !this.#isCurrent()) throw unavailable('This node has lost its worker number.')
    if (ceiling <= claim.record.ceiling) return
    try {
      claim.record = await this.#numbers.write(claim.worker, claim.record, ceiling, this.#owner)
    } catch (error) {
      if (!isKind(error, 'version') && !isKind(error, 'missing'))
        throw unavailable('The ceiling was not stored.', error)
      await this.#lookAgain(claim, ceiling)
    }
  }

  /** The record is not as it was left: an earlier write of ours came through without an answer, or it is another's. */
  async #lookAgain(claim: Claim, ceiling: number): Promise<void> {
    try {
      const record = await this.#numbers.read(claim.worker)
      if (record.owner === this.#owner) {
        claim.record = record
        if (ceiling > record.ceiling) {
          claim.record = await this.#numbers.write(claim.worker, record, ceiling, this.#owner)
        }
        return
      }
    } catch (error) {
      throw unavailable('The ceiling was not stored.', error)
    }
    this.#logger.error({ worker: claim.worker }, 'another node has taken the worker number of this one')
    if (this.#claim === claim) this.#claim = { ...claim, session: '' }
    this.#taking.wake()
    throw unavailable('This node has lost its worker number.')
  }

  async #take(): Promise<void> {
    const { session } = this.#connection
    if (session === undefined) throw new ZooKeeperError('lost', 'ZooKeeper is not connected.')
    if (this.#isCurrent()) return
    if (this.#claiming?.session !== session) this.#claiming = undefined
    const before = this.#claim
    // The number of before may still be free; and what was begun in this session is finished first.
    const wanted = [this.#claiming?.worker, before?.worker].filter((worker) => worker !== undefined)
    for (const worker of new Set([...wanted, ...(await this.#numbers.free())])) {
      this.#claiming = { worker, session }
      if (!(await this.#numbers.claim(worker))) continue
      const record = await this.#numbers.read(worker)
      const isStillOurs = before?.worker === worker && record.owner === this.#owner
      const signed = await this.#numbers.write(worker, record, record.ceiling, this.#owner)
      // Whose number nobody had meanwhile need not begin above what it reserved itself.
      this.#claim = { worker, session, floor: isStillOurs ? before.floor : record.ceiling, record: signed }
      this.#claiming = undefined
      this.#logger.info({ worker }, 'this node has a worker number')
      for (const tell of this.#first.splice(0)) tell()
      return
    }
    throw unavailable('All worker numbers are taken.')
  }
}
