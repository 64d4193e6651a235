import type { CloseCode, DeviceId, DownFrame, UserId } from '@parley/protocol'
import type { Event } from './event.ts'

/** A connected session of this node, as delivery sees it. */
export interface LocalSession {
  readonly user: UserId
  readonly device: DeviceId
  /** A hint that a row landed on the user's queue. May be ignored: the queue is the truth. */
  offer(position: string, events: readonly Event[]): void
  /** A frame that is never stored: typing, presence. False when it was dropped. */
  sendTransient(frame: DownFrame): boolean
  /** A hint that the queue should be read. */
  wake(): void
  /** Ends it: the device was logged out, or connected elsewhere. */
  close(code: CloseCode, reason: string): void
}

/** The sessions of this node by user. */
export class Hub {
  #sessions = new Map<UserId, LocalSession[]>()
  #count = 0

  get size(): number {
    return this.#count
  }

  /** @returns true when it is the user's first session here. */
  add(session: LocalSession): boolean {
    this.#count++
    const sessions = this.#sessions.get(session.user)
    if (!sessions) {
      this.#sessions.set(session.user, [session])
      return true
    }
    sessions.push(session)
    return false
  }

  /** @returns true when it was the user's last session here. */
  remove(session: LocalSession): boolean {
    const sessions = this.#sessions.get(session.user)
    const index = sessions?.indexOf(session) ?? -1
    if (!sessions || index < 0) return false
    this.#count--
    sessions.splice(index, 1)
    if (sessions.length > 0) return false
    this.#sessions.delete(session.user)
    return true
  }

  of(user: UserId): readonly LocalSession[] {
    return this.#sessions.get(user) ?? none
  }
}

const none: readonly never[] = []
