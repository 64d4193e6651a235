import type { Event, MessageRef } from '../delivery/event.ts'

interface Given {
  cursor: string
  message: MessageRef | undefined
  id: string
  /** False for a cursor that was told without an event (`live`). */
  isEvent: boolean
}

/** Cursors given to a session and not yet acknowledged, oldest first; never more than `size` events (rule Y3). */
export class AckWindow {
  readonly size
  #given: Given[] = []
  #start = 0
  #events = 0

  constructor(size: number) {
    this.size = size
  }

  /** Events given and not acknowledged. */
  get outstanding(): number {
    return this.#events
  }

  get room(): number {
    return this.size - this.#events
  }

  add(cursor: string, event: Event): void {
    this.#given.push({ cursor, message: event.message, id: event.id, isEvent: true })
    this.#events++
  }

  /** A cursor that may be acknowledged though no event carries it. */
  addMark(cursor: string): void {
    this.#given.push({ cursor, message: undefined, id: '', isEvent: false })
  }

  /** Takes out everything up to `cursor`; undefined when that was not given, or is acknowledged already. */
  acknowledge(cursor: string): readonly Given[] | undefined {
    let end = this.#start
    while (end < this.#given.length && this.#given[end]?.cursor !== cursor) end++
    if (end === this.#given.length) return undefined
    // An event may carry the same cursor as the mark behind it.
    while (this.#given[end + 1]?.cursor === cursor) end++
    const acknowledged = this.#given.slice(this.#start, end + 1)
    for (const { isEvent } of acknowledged) if (isEvent) this.#events--
    this.#start = end + 1
    if (this.#start === this.#given.length) {
      this.#given.length = 0
      this.#start = 0
    } else if (this.#start > 64) {
      this.#given.splice(0, this.#start)
      this.#start = 0
    }
    return acknowledged
  }
}
