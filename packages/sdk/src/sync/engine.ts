import type { ConversationId, Update } from '@parley/protocol'
import type { Replica } from '../store/replica.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Outcome } from './apply-entry.ts'
import { applyUpdate } from './apply-update.ts'
import type { Repair } from './repair.ts'
import type { Source, Start } from './source.ts'

type Item =
  | { is: 'update'; pos: string; update: Update }
  /** Everything before it is applied: the cursor may stand there. */
  | { is: 'cursor'; pos: string; stored: () => void }
  /** The backlog ends: everything before `pos` was given. */
  | { is: 'live'; pos: string }

/** What stops the next update from being applied. */
type Obstacle =
  | { is: 'hole'; conversation: ConversationId; after: number; before: number }
  | { is: 'unknown'; conversation: ConversationId }
  | { is: 'uncounted'; conversation: ConversationId; read: number }

const largestStep = 128

/**
 * Applies what the sources bring, one update after the other, each step atomically with the cursor behind it
 * (rule Y1); then acknowledges. What waits here is bounded by the window of the session, or the page of the poll.
 */
export class SyncEngine {
  readonly #replica
  readonly #repair
  #source: Source | undefined
  #queue: Item[] = []
  #running = false
  #starting = false

  constructor(replica: Replica, repair: Repair) {
    this.#replica = replica
    this.#repair = repair
  }

  /** From now on updates come from `source`. Resolves when there is a beginning for them to follow on. */
  async begin(source: Source, { cursor, resume }: Start): Promise<void> {
    this.#clear()
    this.#source = source
    if (resume === 'ok' && this.#replica.cursor !== undefined) return
    this.#starting = true
    try {
      await this.#repair.baseline(cursor, resume === 'reset' ? 'reset' : 'fresh', source.signal)
    } finally {
      if (this.#source === source) this.#starting = false
    }
    void this.#run()
  }

  end(source: Source): void {
    if (this.#source !== source) return
    this.#clear()
    this.#source = undefined
    this.#starting = false
  }

  update(source: Source, pos: string, update: Update): void {
    this.#push(source, { is: 'update', pos, update })
  }

  /** `pos` may lie behind rows that had nothing for this device: it is a place to resume from as good as an event's. */
  live(source: Source, pos: string): void {
    this.#push(source, { is: 'live', pos })
  }

  /** Resolves when all before is applied and the cursor is stored, or the source is over. */
  cursor(source: Source, pos: string): Promise<void> {
    return new Promise((stored) => this.#push(source, { is: 'cursor', pos, stored }))
  }

  #clear(): void {
    for (const item of this.#queue) if (item.is === 'cursor') item.stored()
    this.#queue = []
  }

  #push(source: Source, item: Item): void {
    if (source !== this.#source) {
      if (item.is === 'cursor') item.stored()
      return
    }
    this.#queue.push(item)
    void this.#run()
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    try {
      while (this.#queue.length > 0 && this.#source && !this.#starting) await this.#step(this.#source)
    } finally {
      this.#running = false
    }
  }

  async #step(source: Source): Promise<void> {
    const items = this.#queue.slice(0, largestStep)
    try {
      const { done, obstacle } = await this.#replica.transact((tx) =>
        // Over before its turn came: what is stored may be of another user by now.
        this.#source === source ? this.#apply(tx, items) : { done: [], obstacle: undefined },
      )
      if (this.#source !== source) return
      this.#queue.splice(0, done.length)
      const updates = done.filter((item) => item.is === 'update')
      const last = updates.at(-1)
      if (last) source.acknowledge(last.pos, updates.length)
      for (const item of done) {
        if (item.is === 'live') source.caughtUp()
        if (item.is === 'cursor') item.stored()
      }
      if (obstacle) await this.#overcome(obstacle, source.signal)
    } catch (error) {
      if (this.#source !== source) return
      this.end(source)
      source.failed(error)
    }
  }

  async #apply(tx: Transaction, items: Item[]): Promise<{ done: Item[]; obstacle?: Obstacle }> {
    const me = this.#replica.session?.user.id
    const done: Item[] = []
    for (const item of items) {
      if (item.is === 'update' && me !== undefined) {
        const obstacle = obstacleIn(await applyUpdate(tx, item.update, me), item.update)
        if (obstacle) return { done, obstacle }
      }
      tx.setCursor(item.pos)
      done.push(item)
    }
    return { done }
  }

  async #overcome(obstacle: Obstacle, signal: AbortSignal): Promise<void> {
    switch (obstacle.is) {
      case 'hole':
        return this.#repair.fill(obstacle.conversation, obstacle.after, obstacle.before - 1, signal)
      case 'unknown':
        return this.#repair.adopt(obstacle.conversation, signal)
      case 'uncounted':
        return this.#repair.count(obstacle.conversation, obstacle.read, signal)
    }
  }
}

function obstacleIn(outcome: Outcome, update: Update): Obstacle | undefined {
  if (!('conversation' in update)) return undefined
  const { conversation } = update
  if (outcome.is === 'unknown') return { is: 'unknown', conversation }
  if (outcome.is === 'uncounted' && update.kind === 'read') return { is: 'uncounted', conversation, read: update.read }
  if (outcome.is === 'hole' && 'seq' in update) {
    return { is: 'hole', conversation, after: outcome.after, before: update.seq }
  }
  return undefined
}
