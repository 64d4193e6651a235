import { type CloseCode, closeCode, type DeviceId, type DownFrame, type UserId } from '@parley/protocol'
import { Lru } from '../lib/lru.ts'
import type { Event } from './event.ts'

/** A connected session of this node, as delivery sees it. */
export interface LocalSession {
  readonly user: UserId
  readonly device: DeviceId
  /** When its connection came, by `clock.monotonic()`. */
  readonly openedAt: number
  /** A hint that a row landed on the user's queue. May be ignored: the queue is the truth. */
  offer(position: string, events: readonly Event[]): void
  /** A frame that is never stored: typing, presence. False when it was dropped. */
  sendTransient(frame: DownFrame): boolean
  /** A hint that the queue should be read. */
  wake(): void
  /** Ends it: the device was logged out, or connected elsewhere. */
  close(code: CloseCode, reason: string): void
}

/** Told of users, not of sessions. */
export interface HubListener {
  /** A user has a first session here. */
  came(user: UserId): void
  /** A user has no session here any more. */
  left(user: UserId): void
}

const barredRemembered = 10_000
const takenOver = 'another socket of this device took over'

/** The sessions of this node by user. */
export class Hub {
  #sessions = new Map<UserId, LocalSession[]>()
  /** Devices that were turned away lately: one that was still on its way in comes no further than here. */
  #barred = new Lru<DeviceId, { code: CloseCode; reason: string }>(barredRemembered)
  #count = 0
  #listener: HubListener | undefined

  get size(): number {
    return this.#count
  }

  listen(listener: HubListener): void {
    this.#listener = listener
  }

  /** Everybody who has a session here. */
  users(): Iterable<UserId> {
    return this.#sessions.keys()
  }

  /** May close the session at once. */
  add(session: LocalSession): void {
    this.#count++
    const sessions = this.#sessions.get(session.user)
    if (sessions) sessions.push(session)
    else {
      this.#sessions.set(session.user, [session])
      this.#listener?.came(session.user)
    }
    const barred = this.#barred.get(session.device)
    if (barred) session.close(barred.code, barred.reason)
  }

  /** The socket that came last is the device's (rule K4): the hello of an earlier one may have been long under way. */
  settleRivals(session: LocalSession): void {
    const rivals = this.of(session.user).filter((other) => other.device === session.device && other !== session)
    const isStale = rivals.some((other) => other.openedAt > session.openedAt)
    for (const one of isStale ? [session] : rivals) one.close(closeCode.takenOver, takenOver)
  }

  /** A socket of the device came to another node at `moment`: those that came before it give way. */
  takeOver(user: UserId, device: DeviceId, moment: number): void {
    for (const session of [...this.of(user)]) {
      if (session.device !== device || session.openedAt >= moment) continue
      session.close(closeCode.takenOver, takenOver)
    }
  }

  /** Ends the sessions of a device, also those that are about to come. Ids are never used again: it is for ever. */
  bar(user: UserId, device: DeviceId, code: CloseCode, reason: string): void {
    this.#barred.set(device, { code, reason })
    for (const session of [...this.of(user)]) if (session.device === device) session.close(code, reason)
  }

  /** Ends everybody who is here. */
  endAll(code: CloseCode, reason: string): void {
    for (const sessions of [...this.#sessions.values()])
      for (const session of [...sessions]) session.close(code, reason)
  }

  remove(session: LocalSession): void {
    const sessions = this.#sessions.get(session.user)
    const index = sessions?.indexOf(session) ?? -1
    if (!sessions || index < 0) return
    this.#count--
    sessions.splice(index, 1)
    if (sessions.length > 0) return
    this.#sessions.delete(session.user)
    this.#listener?.left(session.user)
  }

  of(user: UserId): readonly LocalSession[] {
    return this.#sessions.get(user) ?? none
  }
}

const none: readonly never[] = []
