import type { MarkStore } from '../cluster/mark-store.ts'
import { type Clock, sleep, stopwatch } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import { type Random, randomToken } from '../lib/random.ts'
import type { ChangeLog } from './change-log.ts'
import { Copying, type CopyProgress } from './copying.ts'
import type { Move } from './move.ts'
import { readMoveState, writeMoveState } from './move-state.ts'
import type { MovedServer, NewPlace } from './moved-server.ts'
import { Patience } from './patience.ts'
import { DifferenceError, Verification, type Verified } from './verification.ts'

/** ms. A freeze that takes longer is ended, and tried again; the server ends it by itself a little later. */
const freezeTime = { most: 1_200, lease: 4_000 }
/** A freeze is tried when a pass finds so few keys, or when passes do not find fewer any more. */
const fewKeys = 500
const passes = 20
const attempts = 10
const pause = 500

/** What whoever watches is told. */
export type MigrationEvent =
  | { step: 'copying'; progress: CopyProgress }
  | { step: 'catching up'; keys: number }
  | { step: 'comparing'; verified: Verified }
  | { step: 'freeze over'; after: number; reason: string }
  | { step: 'left'; frozen: number; keys: number; verified: readonly Verified[] }

export interface MigrationReport {
  /** While the server went on, and what changed since when nothing was written. */
  verified: readonly Verified[]
  verifiedFrozen: readonly Verified[]
  /** ms for which writes waited. */
  frozen: number
}

export interface MigrationDependencies {
  moves: readonly Move[]
  server: MovedServer
  changes: ChangeLog
  marks: MarkStore
  /** Whether the folder says that its data is elsewhere. */
  hasLeft: () => boolean
  /** Where clients go. */
  places: () => readonly NewPlace[]
  /** In words, without passwords. */
  to: string
  /** Called when nothing is written any more, before the server leaves: what is neither copied nor compared. */
  conclude: () => Promise<void>
  clock: Clock
  random: Random
  tell: (event: MigrationEvent) => void
}

/** Takes a service from one process to other stores while it runs. */
export class Migration {
  readonly #d
  readonly #copying
  readonly #verification
  readonly #patience

  constructor(deps: MigrationDependencies) {
    this.#d = deps
    this.#patience = new Patience(deps.clock)
    const { changes } = deps
    const moves = deps.moves.map((move) => this.#patience.move(move))
    const marks = this.#patience.marks(deps.marks)
    this.#verification = new Verification(moves)
    this.#copying = new Copying({
      moves,
      changes,
      marks,
      copied: (kind, keys) => this.#verification.copied(kind, keys),
    })
  }

  /** Copies everything; nothing is decided yet. */
  async copy(): Promise<void> {
    await this.#begin()
    await this.#copying.everything((progress) => this.#d.tell({ step: 'copying', progress }))
    await this.#catchUp()
  }

  /** Compares everything that was copied. */
  compare(): Promise<Verified[]> {
    return this.#verification.everything((verified) => this.#d.tell({ step: 'comparing', verified }))
  }

  /** The last step, after both. @throws DifferenceError; Error when it cannot be done in the time there is */
  async cutOver(verified: readonly Verified[]): Promise<MigrationReport> {
    for (let left = attempts; left > 0; left--) {
      await this.#catchUp()
      await this.#verification.changed()
      const done = await this.#freeze()
      if (done) return { verified, ...done }
      await sleep(this.#d.clock, pause)
    }
    throw new Error(
      'So much changes that the rest could not be moved in a moment; the server went on. Try again when less is going on.',
    )
  }

  /** Takes up what was begun under the same watching, or begins. */
  async #begin(): Promise<void> {
    const { changes, server, marks, random } = this.#d
    if ((await changes.watching()) === undefined) await server.watch(randomToken(random, 9))
    const watch = await changes.watching()
    if (watch === undefined) throw new Error('The server does not write down what changes.')
    const state = await readMoveState(marks)
    if (state?.state === 'open') throw new Error('What it is moved to is in use already.')
    if (state?.watch === watch) return
    await this.#copying.restart()
    await writeMoveState(marks, { state: 'filling', watch })
  }

  async #catchUp(): Promise<void> {
    for (let left = passes; left > 0; left--) {
      const keys = await this.#copying.changed()
      this.#d.tell({ step: 'catching up', keys })
      // What is remembered too long does no harm.
      await this.#d.server.forget(await this.#copying.mark()).catch(() => {})
      if (keys <= fewKeys) return
    }
  }

  /** undefined: it took too long, or the server went on by itself; nothing was decided. */
  async #freeze(): Promise<Omit<MigrationReport, 'verified'> | undefined> {
    const { server, clock, tell, to, places, conclude } = this.#d
    const elapsed = stopwatch(clock)
    let leaving = false
    this.#patience.urgent = true
    try {
      const freeze = await server.freeze(freezeTime.lease)
      const keys = await this.#copying.changed()
      const verifiedFrozen = await this.#verification.changed()
      this.#verification.conclude()
      await conclude()
      if (elapsed() > freezeTime.most) throw new Error(`${keys} keys were left`)
      leaving = true
      await server.leave(freeze, { at: clock.now(), to, nodes: places() })
      const frozen = elapsed()
      tell({ step: 'left', frozen, keys, verified: verifiedFrozen })
      return { verifiedFrozen, frozen }
    } catch (error) {
      if (leaving && (await this.#hasLeft(error))) return { verifiedFrozen: [], frozen: elapsed() }
      await server.thaw().catch(() => {})
      if (error instanceof DifferenceError) throw error
      tell({ step: 'freeze over', after: elapsed(), reason: (error as Error).message })
      return undefined
    } finally {
      this.#patience.urgent = false
    }
  }

  /** An answer that was lost: the folder tells what became of it, once the server could not leave any more. */
  async #hasLeft(error: unknown): Promise<boolean> {
    if (error instanceof AppError && error.code === 'conflict') return false
    await sleep(this.#d.clock, freezeTime.lease)
    return this.#d.hasLeft()
  }
}
