import type { PresenceOf } from '@parley/client'
import type { UserId } from '@parley/protocol'

/** Whose presence this tab shows, and what is known of it while there is a connection. */
export class PresenceBook {
  readonly #watch
  readonly #counts = new Map<UserId, number>()
  readonly #known = new Map<UserId, PresenceOf>()
  readonly #listeners = new Set<(user: UserId | undefined) => void>()
  #soon = false

  /** `watch`: told whom to watch, after a change. */
  constructor(watch: (users: UserId[]) => void) {
    this.#watch = watch
  }

  /** undefined: not known, or not to be known. */
  of(user: UserId): PresenceOf | undefined {
    return this.#known.get(user)
  }

  /** undefined: of everybody. */
  on(listener: (user: UserId | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Somebody shows this user, until the returned function is called. */
  show(user: UserId): () => void {
    this.#count(user, 1)
    return () => this.#count(user, -1)
  }

  told(presence: PresenceOf): void {
    this.#known.set(presence.user, presence)
    for (const listener of [...this.#listeners]) listener(presence.user)
  }

  /** There is no connection: nobody knows. */
  forget(): void {
    this.#known.clear()
    for (const listener of [...this.#listeners]) listener(undefined)
  }

  #count(user: UserId, by: number): void {
    const count = (this.#counts.get(user) ?? 0) + by
    if (count > 0) this.#counts.set(user, count)
    else this.#counts.delete(user)
    if (this.#soon) return
    this.#soon = true
    // Lists show and hide many at once.
    queueMicrotask(() => {
      this.#soon = false
      this.#watch([...this.#counts.keys()])
    })
  }
}
