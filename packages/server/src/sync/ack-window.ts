import type { Event, MessageRef } from '../delivery/event.ts'

interface Given {
  readonly cursor: string
  readonly message: MessageRef | undefined
  readonly id: string
  /** False for a cursor that was told without an event (`live`). */
  readonly isEvent: boolean
}

interface Link extends Given {
  next: Link | undefined
}

/**
 * Cursors given to a session and not yet acknowledged, oldest first; never more than `size` events (rule Y3).
 * A chain: in an idle session one mark waits, and an array for it would be larger than all the rest.
 */
export class AckWindow {
  readonly size
  #oldest: Link | undefined
  #newest: Link | undefined
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
    this.#append({ cursor, message: event.message, id: event.id, isEvent: true, next: undefined })
    this.#events++
  }

  /** A cursor that may be acknowledged though no event carries it. */
  addMark(cursor: string): void {
    this.#append({ cursor, message: undefined, id: '', isEvent: false, next: undefined })
  }

  /** Takes out everything up to `cursor`; undefined when that was not given, or is acknowledged already. */
  acknowledge(cursor: string): readonly Given[] | undefined {
    let last = this.#oldest
    while (last && last.cursor !== cursor) last = last.next
    if (!last) return undefined
    // An event may carry the same cursor as the mark behind it.
    while (last.next?.cursor === cursor) last = last.next
    const acknowledged: Given[] = []
    for (let link = this.#oldest; link; link = link === last ? undefined : link.next) {
      acknowledged.push(link)
      if (link.isEvent) this.#events--
    }
    this.#oldest = last.next
    if (!this.#oldest) this.#newest = undefined
    return acknowledged
  }

  #append(link: Link): void {
    if (this.#newest) this.#newest.next = link
    else this.#oldest = link
    this.#newest = link
  }
}
