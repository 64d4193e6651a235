import type { ConversationId, UserId } from '@parley/protocol'
import { timeOfPosition } from '../../../../server/src/adapters/unsteady/late-rows.ts'
import type { LateSyncQueue } from '../../../../server/src/adapters/unsteady/late-sync-queue.ts'
import type { Clock } from '../../../../server/src/lib/clock.ts'
import type {
  AppendBatch,
  AppendOutcome,
  ConversationLog,
  EntryRange,
} from '../../../../server/src/log/conversation-log.ts'
import type { Entry } from '../../../../server/src/log/entry.ts'
import type { Place } from '../../../../server/src/sync/place.ts'
import type { EngineBug } from './engine-bug.ts'
import type { EngineLine } from './engine-line.ts'

/** Entries younger than this (ms) may still be on their way to the queues, by who appended them. */
const finishing = 10_000
const repairTime = 1000

/**
 * Appends as an engine without transactions over partitions lets a node do it: a note, entries in one conditional
 * write, rows in seq order, and a mark that they are there. Whoever meets a log without its mark finishes it.
 */
export class EngineLog implements Pick<ConversationLog, 'append' | 'complete' | 'completeLeft' | 'read'> {
  readonly #line
  readonly #queue
  readonly #times
  readonly #node
  readonly #clock
  readonly #bug
  #noted = new Set<ConversationId>()
  /** Everything up to here is on the queues. */
  #done = new Map<ConversationId, number>()
  #completing = new Map<ConversationId, Promise<void>>()
  /** What this node began and does not know to be finished. */
  #left = new Set<ConversationId>()

  constructor(deps: {
    line: EngineLine
    queue: LateSyncQueue
    /** What this node knows of the newest rows of conversations, µs. */
    times: Map<ConversationId, number>
    node: string
    clock: Clock
    bug: EngineBug
  }) {
    this.#line = deps.line
    this.#queue = deps.queue
    this.#times = deps.times
    this.#node = deps.node
    this.#clock = deps.clock
    this.#bug = deps.bug
    this.#clock.every(repairTime, () => void this.#repair())
  }

  async append(batch: AppendBatch): Promise<AppendOutcome> {
    const { conversation, expect } = batch
    await this.#note(conversation)
    if (this.#done.get(conversation) !== expect) await this.complete(conversation)
    try {
      const store = { port: 'log' as const, method: 'store', args: [batch], at: this.#clock.now() }
      const refused = (await this.#line.send(store, { late: true })) as AppendOutcome | undefined
      return refused ?? { status: 'appended', places: await this.#finish(batch) }
    } catch (error) {
      this.#left.add(conversation)
      throw error
    }
  }

  /** One after the other, so that nothing is done twice here. */
  complete(conversation: ConversationId): Promise<void> {
    const before = this.#completing.get(conversation) ?? Promise.resolve()
    const run = before.catch(() => {}).then(() => this.#complete(conversation))
    this.#completing.set(conversation, run)
    return run
  }

  async completeLeft(live: ReadonlySet<string>): Promise<number> {
    const notes = await this.#line.ask('lanes', ({ lanes }) => [...lanes.notes].map(([node, of]) => [node, [...of]]))
    let count = 0
    for (const [node, conversations] of notes as [string, ConversationId[]][]) {
      if (live.has(node) || node === this.#node) continue
      for (const conversation of conversations) {
        await this.complete(conversation).then(
          () => count++,
          () => {},
        )
      }
    }
    return count
  }

  async read(conversation: ConversationId, range: EntryRange): Promise<Entry[]> {
    const entries = await this.#line.ask('log', ({ ports }) => ports.log.read(conversation, range))
    const last = entries.at(-1)
    if (last && last.seq > (this.#done.get(conversation) ?? 0) && last.at < this.#clock.now() - finishing) {
      await this.complete(conversation).catch(() => {})
    }
    return entries
  }

  async #repair(): Promise<void> {
    for (const conversation of this.#left) {
      await this.complete(conversation).then(
        () => this.#left.delete(conversation),
        () => {},
      )
    }
  }

  async #note(conversation: ConversationId): Promise<void> {
    if (this.#noted.has(conversation)) return
    const note = { port: 'lanes' as const, method: 'note', args: [this.#node, conversation], at: this.#clock.now() }
    await this.#line.send(note, { late: true })
    this.#noted.add(conversation)
  }

  async #complete(conversation: ConversationId): Promise<void> {
    if (this.#bug.leftUndone) return
    const { batches, time } = await this.#line.ask('lanes', ({ lanes }) => lanes.unfinished(conversation))
    this.#times.set(conversation, Math.max(time, this.#times.get(conversation) ?? 0))
    for (const batch of batches) await this.#finish(batch)
  }

  async #finish(batch: AppendBatch): Promise<Place[]> {
    const { conversation, audiences, head } = batch
    const places: Place[] = []
    if (this.#bug.doneEarly) await this.#mark(batch, 0)
    for (const { users, from, to } of audiences) {
      const place = (user: UserId): Promise<Place> =>
        this.#queue.place(user, { kind: 'entries', conversation, from, to })
      places.push(...(await Promise.all(users.map(place))))
    }
    const time = Math.max(...places.map(({ position }) => timeOfPosition(position)))
    await this.#mark(batch, time)
    this.#done.set(conversation, Math.max(head.seq, this.#done.get(conversation) ?? 0))
    return places
  }

  async #mark(batch: AppendBatch, time: number): Promise<void> {
    const mark = { port: 'lanes' as const, method: 'finish', args: [batch, time], at: this.#clock.now() }
    await this.#line.send(mark, { late: true })
  }
}
