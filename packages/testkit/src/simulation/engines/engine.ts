import { unavailable } from '../../../../server/src/lib/errors.ts'
import type { Chance } from '../chance.ts'
import type { Disk, Write } from '../disk.ts'
import type { SimTime } from '../sim-time.ts'

interface Arrived {
  write: Write
  answer: (outcome: Promise<unknown>) => void
}

/**
 * The engines that all nodes share. Writes that arrive wait for a flush; with it they are done, durable, seen by
 * everybody, and answered.
 */
export class Engine {
  readonly disk
  readonly #time
  readonly #chance
  /** Planted: writes are done and answered before they are durable. */
  readonly #hasty
  #waiting: Arrived[] = []

  constructor(disk: Disk, world: { time: SimTime; chance: Chance; hasty: boolean }) {
    this.disk = disk
    this.#time = world.time
    this.#chance = world.chance
    this.#hasty = world.hasty
  }

  arrive(write: Write, answer: Arrived['answer']): void {
    if (this.#hasty) {
      this.#time.after(this.#flushTime() * 100, () => this.disk.sync())
      answer(this.disk.write(write))
      return
    }
    this.#waiting.push({ write, answer })
    if (this.#waiting.length === 1) this.#time.after(this.#flushTime(), () => this.#flush())
  }

  /** What was not flushed is lost, but for some that were and are not answered. */
  powerCut(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const kept = this.#chance.below(waiting.length + 1)
    for (const { write } of waiting.slice(0, kept)) this.#do(write)
    if (kept > 0) this.disk.sync()
    for (const { answer } of waiting) answer(Promise.reject(unavailable('The store does not answer any more.')))
    this.disk.restore()
  }

  #flush(): void {
    const done = this.#waiting.map(({ write, answer }) => ({ answer, outcome: this.#do(write) }))
    this.#waiting = []
    this.disk.sync()
    for (const { answer, outcome } of done) answer(outcome)
  }

  #do(write: Write): Promise<unknown> {
    const outcome = this.disk.write(write)
    outcome.catch(() => {})
    return outcome
  }

  #flushTime(): number {
    return this.#chance.is(0.03) ? this.#chance.between(10, 200) : this.#chance.between(0.2, 3)
  }
}
