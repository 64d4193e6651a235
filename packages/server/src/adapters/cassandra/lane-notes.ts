import type { ConversationId, UserId } from '@parley/protocol'
import { type Clock, stopwatch } from '../../lib/clock.ts'
import type { Cql, Statement } from './cql.ts'

/** ms. Notes are made anew in each epoch: what a dead node may have left is in its last two. */
export const epochTime = 600_000
/** ms behind the end of an epoch in which somebody may still begin an append in it. */
const lull = 10_000
const day = 86_400_000
/** ms; rows are gone a day later. */
export const laneRetention = 7 * day

const insertEpoch = 'INSERT INTO lane_epochs (day, epoch, node, done) VALUES (?, ?, ?, ?)'
const insertLane = 'INSERT INTO lanes (node, epoch, conversation) VALUES (?, ?, ?)'

export const dayOf = (epoch: number): number => Math.floor(epoch / day)

export interface EpochOf {
  node: string
  id: number
}

/** `done`: nothing is left that somebody would have to finish. */
export const markEpoch = ({ node, id }: EpochOf, done: boolean): Statement => ({
  query: insertEpoch,
  params: [dayOf(id), id, node, done],
})

/** Writes that belong together: all of them are done, or none, in the end. */
export interface Step {
  statements: readonly Statement[]
  rows: readonly { user: UserId; update: string }[]
}

/** A stretch of a node's life, and the conversations that it wrote to in it. */
export interface LaneEpoch {
  /** When it began, ms; a node's epochs differ. */
  id: number
  /** Appends that are under way. */
  busy: number
  /** Conversations with something that is not known to be finished. */
  left: Set<ConversationId>
  /** Steps that are not known to be done, by the id of their intent. */
  steps: Map<number, Step>
}

interface OpenEpoch extends LaneEpoch {
  elapsed: () => number
  noted: Set<ConversationId>
  noting: Map<ConversationId, Promise<unknown>>
}

/**
 * Which conversations this node appends to, stored before it does for the first time: when the node is gone, others
 * finish what it left there.
 */
export class LaneNotes {
  readonly #cql
  readonly #node
  readonly #clock
  #current: Promise<OpenEpoch> | undefined
  #newest: OpenEpoch | undefined
  /** Epochs that are over, until nothing of them is left. */
  #past = new Set<OpenEpoch>()

  constructor(cql: Cql, node: string, clock: Clock) {
    this.#cql = cql
    this.#node = node
    this.#clock = clock
  }

  /** Stores that this node appends to `conversation`. The append counts as under way: who asks lowers `busy` again. */
  async begin(conversation: ConversationId): Promise<LaneEpoch> {
    const epoch = await this.#epoch()
    epoch.busy++
    try {
      if (!epoch.noted.has(conversation)) await this.#note(epoch, conversation)
      return epoch
    } catch (error) {
      epoch.busy--
      throw error
    }
  }

  /** Epochs with something left to finish, or that are over and not marked as done. */
  get open(): LaneEpoch[] {
    return [...this.#past, ...(this.#newest ? [this.#newest] : [])]
  }

  /** Marks what is over and finished: nobody needs to look after it. */
  async tidy(closing = false): Promise<void> {
    if (this.#newest && (closing || this.#newest.elapsed() >= epochTime)) this.#retire(this.#newest)
    for (const epoch of this.#past) {
      const over = closing || epoch.elapsed() >= epochTime + lull
      if (!over || epoch.busy > 0 || epoch.left.size > 0 || epoch.steps.size > 0) continue
      await this.#cql.execute(markEpoch({ node: this.#node, id: epoch.id }, true))
      this.#past.delete(epoch)
    }
  }

  async #note(epoch: OpenEpoch, conversation: ConversationId): Promise<void> {
    let noting = epoch.noting.get(conversation)
    if (!noting) {
      noting = this.#cql
        .execute({ query: insertLane, params: [this.#node, epoch.id, conversation] })
        .finally(() => epoch.noting.delete(conversation))
      epoch.noting.set(conversation, noting)
    }
    await noting
    epoch.noted.add(conversation)
  }

  async #epoch(): Promise<OpenEpoch> {
    this.#current ??= this.#open()
    const epoch = await this.#current
    if (epoch.elapsed() < epochTime) return epoch
    this.#retire(epoch)
    return this.#epoch()
  }

  #retire(epoch: OpenEpoch): void {
    if (this.#newest !== epoch) return
    this.#newest = undefined
    this.#current = undefined
    epoch.noted.clear()
    this.#past.add(epoch)
  }

  async #open(): Promise<OpenEpoch> {
    const last = Math.max(0, ...[...this.#past].map(({ id }) => id))
    const id = Math.max(this.#clock.now(), last + 1)
    const epoch: OpenEpoch = {
      id,
      busy: 0,
      left: new Set(),
      steps: new Map(),
      elapsed: stopwatch(this.#clock),
      noted: new Set(),
      noting: new Map(),
    }
    try {
      await this.#cql.execute(markEpoch({ node: this.#node, id }, false))
      this.#newest = epoch
      return epoch
    } catch (error) {
      this.#current = undefined
      throw error
    }
  }
}
