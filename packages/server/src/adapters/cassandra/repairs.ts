import type { Clock, Timer } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Completion } from './completion.ts'
import type { Intents } from './intents.ts'
import type { LaneEpoch, LaneNotes } from './lane-notes.ts'

/** ms. */
const period = 1_000

/** Finishes what this node began and could not finish, so that nobody has to ask for it again. */
export class Repairs {
  readonly #lanes
  readonly #completion
  readonly #intents
  readonly #clock
  readonly #logger
  #timer: Timer | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(deps: { lanes: LaneNotes; completion: Completion; intents: Intents; clock: Clock; logger: Logger }) {
    this.#lanes = deps.lanes
    this.#completion = deps.completion
    this.#intents = deps.intents
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  start(): void {
    this.#timer ??= this.#clock.every(period, () => {
      this.#working = this.#working.then(() => this.#work(false))
    })
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    await this.#working
    await this.#work(true)
  }

  async #work(closing: boolean): Promise<void> {
    try {
      for (const epoch of this.#lanes.open) await this.#finish(epoch)
      await this.#lanes.tidy(closing)
    } catch (error) {
      this.#logger.debug({ error }, 'something of this node is not finished yet')
    }
  }

  async #finish(epoch: LaneEpoch): Promise<void> {
    for (const conversation of epoch.left) {
      await this.#completion.complete(conversation)
      epoch.left.delete(conversation)
    }
    await this.#intents.repair(epoch)
  }
}
