import type { Clock } from '../../lib/clock.ts'
import { unavailableStore } from './commits.ts'
import type { FromReader, ReadRequest, ToReader } from './jobs.ts'

interface WaitingRead {
  resolve(rows: unknown[][]): void
  reject(error: Error): void
}

/** Queries that are handed to the reading thread, at once or together with others of the same turn of the event loop. */
export class Reads {
  readonly #post
  readonly #clock
  readonly #waiting = new Map<number, WaitingRead>()
  #next = 0
  #batch: ToReader = { ids: [], requests: [] }
  /**
   * Something was posted in this turn: what comes now waits for its end. An answer that leads to the next query would
   * otherwise be answered in the same turn again, and whoever reads on and on would keep everybody else waiting.
   */
  #isPosted = false
  #isBroken = false

  constructor(post: (requests: ToReader) => void, clock: Clock) {
    this.#post = post
    this.#clock = clock
  }

  get isUnderWay(): boolean {
    return this.#waiting.size > 0
  }

  /** Several queries on one state of the data. */
  request(requests: ReadRequest[]): Promise<unknown[][]> {
    return new Promise((resolve, reject) => {
      if (this.#isBroken) return reject(unavailableStore())
      const id = this.#next++
      this.#waiting.set(id, { resolve, reject })
      if (this.#batch.ids.length === 0 && !this.#isPosted) this.#schedule()
      this.#batch.ids.push(id)
      this.#batch.requests.push(requests)
    })
  }

  answered({ ids, answers }: Extract<FromReader, { type: 'rows' }>): void {
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index] as number
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      const answer = answers[index] as (typeof answers)[number]
      if ('rows' in answer) waiting?.resolve(answer.rows)
      else waiting?.reject(new Error(answer.error))
    }
  }

  break(reason: string): void {
    this.#isBroken = true
    for (const { reject } of this.#waiting.values()) reject(unavailableStore(reason))
    this.#waiting.clear()
  }

  #schedule(): void {
    this.#isPosted = true
    Promise.resolve().then(() => this.#flush())
    this.#clock.soon(() => this.#endTurn())
  }

  #endTurn(): void {
    this.#isPosted = false
    if (this.#batch.ids.length === 0) return
    this.#isPosted = true
    this.#flush()
    this.#clock.soon(() => this.#endTurn())
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = { ids: [], requests: [] }
    this.#post(batch)
  }
}
