import type { DownFrame, UserId } from '@parley/protocol'
import type { Event } from './event.ts'
import type { Hub } from './hub.ts'

/** Where a row landed; as `Place` of the sync queue. */
export interface RoutedPlace {
  user: UserId
  position: string
}

/**
 * Carries what was stored to the sessions of those it is for, wherever they are. All of it is a hint: losing it
 * delays, and never loses.
 */
export interface Router {
  /** `places` all point at the same `events`. */
  deliver(places: readonly RoutedPlace[], events: readonly Event[]): void
  /** A frame that is never stored. */
  broadcast(users: readonly UserId[], frame: DownFrame): void
}

/** Absence of other nodes. */
export class LocalRouter implements Router {
  readonly #hub

  constructor(hub: Hub) {
    this.#hub = hub
  }

  deliver(places: readonly RoutedPlace[], events: readonly Event[]): void {
    for (const { user, position } of places) {
      for (const session of this.#hub.of(user)) session.offer(position, events)
    }
  }

  broadcast(users: readonly UserId[], frame: DownFrame): void {
    for (const user of users) for (const session of this.#hub.of(user)) session.sendTransient(frame)
  }
}
