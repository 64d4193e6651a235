import type { ConversationId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { Turns } from '../../lib/turns.ts'
import type { Completion } from './completion.ts'
import type { Cql } from './cql.ts'
import type { Intents } from './intents.ts'
import { epochsBetween, lanesOf } from './lane-lists.ts'
import { type EpochOf, epochTime, laneRetention, markEpoch } from './lane-notes.ts'

/** ms. Behind its end nothing is appended in an epoch any more, also by a node that was stopped for minutes. */
const grace = 300_000
const atOnce = 8

/** What nodes left behind that are gone. */
export class LeftLanes {
  readonly #cql
  readonly #completion
  readonly #intents
  readonly #node
  readonly #clock
  readonly #logger
  /** Looked after while they might still have been in use: once more when they cannot be. */
  #seen = new Map<string, EpochOf>()

  constructor(deps: {
    cql: Cql
    completion: Completion
    intents: Intents
    node: string
    clock: Clock
    logger: Logger
  }) {
    this.#cql = deps.cql
    this.#completion = deps.completion
    this.#intents = deps.intents
    this.#node = deps.node
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  async complete(live: ReadonlySet<string>): Promise<number> {
    const now = this.#clock.now()
    for (const [key, { node }] of this.#seen) if (live.has(node)) this.#seen.delete(key)
    let count = 0
    for (const epoch of await epochsBetween(this.#cql, now - laneRetention, now + grace)) {
      if (epoch.done || epoch.node === this.#node || live.has(epoch.node)) continue
      const key = `${epoch.node} ${epoch.id}`
      const over = epoch.id + epochTime + grace < now
      if (!over && this.#seen.has(key)) continue
      const { completed, failed } = await this.#completeEpoch(epoch)
      count += completed
      if (failed > 0) continue
      if (over) await this.#cql.execute(markEpoch(epoch, true))
      else this.#seen.set(key, epoch)
    }
    return count
  }

  async #completeEpoch(epoch: EpochOf): Promise<{ completed: number; failed: number }> {
    const turns = new Turns(atOnce)
    const counts = { completed: 0, failed: 0 }
    const complete = async (conversation: ConversationId): Promise<void> => {
      try {
        await this.#completion.complete(conversation)
        counts.completed++
      } catch (error) {
        counts.failed++
        this.#logger.warn({ error, conversation }, 'what a node left behind could not be finished')
      }
    }
    for await (const page of lanesOf(this.#cql, epoch)) {
      await Promise.all(page.map((conversation) => turns.take(() => complete(conversation))))
    }
    counts.completed += await this.#intents.complete(epoch)
    return counts
  }
}
