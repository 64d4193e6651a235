import type { ConversationId } from '@parley/protocol'
import type { Place } from '../../sync/place.ts'
import type { Cql } from './cql.ts'
import type { EpochOf, LaneEpoch, LaneNotes, Step } from './lane-notes.ts'
import type { QueueRows } from './queue-rows.ts'
import { writeAll } from './write-all.ts'

const insert = 'INSERT INTO intents (node, epoch, id, step) VALUES (?, ?, ?, ?)'
const markDone = 'INSERT INTO intents (node, epoch, id, done) VALUES (?, ?, ?, true)'
const readOf = 'SELECT id, step, done FROM intents WHERE node = ? AND epoch = ?'

/**
 * Steps too large for one batch. What is to be written is stored first, so that it is done in the end: by this node, or
 * by others when it is gone. Doing it twice does no harm.
 */
export class Intents {
  readonly #cql
  readonly #rows
  readonly #lanes
  readonly #node
  #next = 0

  constructor(cql: Cql, rows: QueueRows, lanes: LaneNotes, node: string) {
    this.#cql = cql
    this.#rows = rows
    this.#lanes = lanes
    this.#node = node
  }

  /** @throws AppError `unavailable`: all of it is done some time, or nothing */
  async perform(conversation: ConversationId, step: Step): Promise<Place[]> {
    const epoch = await this.#lanes.begin(conversation)
    try {
      const id = this.#next++
      await this.#cql.execute({ query: insert, params: [this.#node, epoch.id, id, JSON.stringify(step)] })
      epoch.steps.set(id, step)
      return await this.#finish(epoch, id, step)
    } finally {
      epoch.busy--
    }
  }

  /** Does what could not be done before. */
  async repair(epoch: LaneEpoch): Promise<void> {
    for (const [id, step] of epoch.steps) await this.#finish(epoch, id, step)
  }

  /** Does what a node that is gone had stored. @returns how many steps */
  async complete({ node, id: epoch }: EpochOf): Promise<number> {
    const rows = await this.#cql.execute({ query: readOf, params: [node, epoch] })
    const left = rows.filter(({ step, done }) => step && !done)
    for (const { id, step } of left) {
      await this.#write(JSON.parse(String(step)) as Step)
      await this.#cql.execute({ query: markDone, params: [node, epoch, id] })
    }
    return left.length
  }

  async #finish(epoch: LaneEpoch, id: number, step: Step): Promise<Place[]> {
    const places = await this.#write(step)
    epoch.steps.delete(id)
    // When this is lost it is done once more after the end of this node.
    void this.#cql.execute({ query: markDone, params: [this.#node, epoch.id, id] }).catch(() => {})
    return places
  }

  async #write({ statements, rows }: Step): Promise<Place[]> {
    const pointers = rows.map(({ user, update }) => ({ user, pointer: { kind: 'update' as const, update } }))
    const [places] = await Promise.all([this.#rows.put(pointers), writeAll(this.#cql, statements)])
    return places
  }
}
