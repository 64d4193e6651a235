import type { CloseCode, DeviceId, DownFrame, UserId } from '@parley/protocol'
import { Lru } from '../lib/lru.ts'
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

const barredRemembered = 10_000

/** The sessions of this node by user. */
export class Hub {
  #sessions = new Map<UserId, LocalSession[]>()
  /** Devices that were turned away lately: one that was still on its way in comes no further than here. */
  #barred = new Lru<DeviceId, { code: CloseCode; reason: string }>(barredRemembered)
  #count = 0

  get size(): number {
    return this.#count
  }

  /** May close the session at once. @returns true when it is the user's first session here. */
  add(session: LocalSession): boolean {
    this.#count++
    const sessions = this.#sessions.get(session.user)
    if (sessions) sessions.push(session)
    else this.#sessions.set(session.user, [session])
    const barred = this.#barred.get(session.device)
    if (barred) session.close(barred.code, barred.reason)
    return !sessions
  }

  /** Ends the sessions of a device, also those that are about to come. Ids are never used again: it is for ever. */
  bar(user: UserId, device: DeviceId, code: CloseCode, reason: string): void {
    this.#barred.set(device, { code, reason })
    for (const session of [...this.of(user)]) if (session.device === device) session.close(code, reason)
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
