import type { PresenceDownFrame, UserId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import type { LastOnline } from './last-online.ts'
import type { Visibility } from './visibility.ts'
import { type PresenceSession, Watchers } from './watchers.ts'

type Status = PresenceDownFrame['status']

export interface PresenceItem {
  user: UserId
  status: Status
  lastOnline?: number
}

interface Here {
  sessions: Map<PresenceSession, 'active' | 'away'>
  /** Running since the last session closed. */
  grace: Timer | undefined
  leftAt: number
}

/** Milliseconds after the last session closed until a user is told to be offline (rule K1). */
export const graceTime = 10_000

/** Who is online. Known from sessions, told to watchers, never stored but for the time somebody was last here. */
export class PresenceService {
  readonly #clock
  readonly #visibility
  readonly #lastOnline
  readonly #watchers
  #here = new Map<UserId, Here>()

  constructor(clock: Clock, visibility: Visibility, lastOnline: LastOnline) {
    this.#clock = clock
    this.#visibility = visibility
    this.#lastOnline = lastOnline
    this.#watchers = new Watchers(clock, (session, users) => void this.#show(session, users))
  }

  opened(session: PresenceSession): void {
    const { user } = session
    const here = this.#here.get(user) ?? { sessions: new Map(), grace: undefined, leftAt: 0 }
    const before = this.#statusOf(user)
    this.#here.set(user, here)
    here.grace?.cancel()
    here.grace = undefined
    here.sessions.set(session, 'active')
    if (this.#statusOf(user) !== before) this.#watchers.changed(user)
  }

  closed(session: PresenceSession): void {
    const { user } = session
    this.#watchers.remove(session)
    const here = this.#here.get(user)
    if (!here?.sessions.has(session)) return
    const before = this.#statusOf(user)
    here.sessions.delete(session)
    if (here.sessions.size === 0) {
      here.leftAt = this.#clock.now()
      here.grace = this.#clock.after(graceTime, () => this.#leave(user))
    } else if (this.#statusOf(user) !== before) this.#watchers.changed(user)
  }

  setStatus(session: PresenceSession, status: 'active' | 'away'): void {
    const { user } = session
    const here = this.#here.get(user)
    if (!here?.sessions.has(session)) return
    const before = this.#statusOf(user)
    here.sessions.set(session, status)
    if (this.#statusOf(user) !== before) this.#watchers.changed(user)
  }

  /** The present state is told at once, changes from then on. */
  watch(session: PresenceSession, watch: readonly UserId[], unwatch: readonly UserId[]): void {
    this.#watchers.unwatch(session, unwatch)
    this.#watchers.watch(session, watch)
    void this.#show(session, watch)
  }

  /** Of those that `viewer` may see. */
  async of(viewer: UserId, users: readonly UserId[]): Promise<PresenceItem[]> {
    const allowed = await Promise.all(users.map((user) => this.#visibility.maySee(viewer, user)))
    const visible = users.filter((_, index) => allowed[index])
    const times = await this.#lastOnline.of(visible)
    return visible.map((user) => {
      const status = this.#statusOf(user)
      const lastOnline = status === 'offline' ? times.get(user) : this.#clock.now()
      return { user, status, ...(lastOnline === undefined ? {} : { lastOnline }) }
    })
  }

  /** Everybody who is here was online until now. */
  stop(): void {
    for (const [user, here] of this.#here) {
      here.grace?.cancel()
      this.#lastOnline.note(user, here.sessions.size > 0 ? this.#clock.now() : here.leftAt)
    }
    this.#here.clear()
  }

  #statusOf(user: UserId): Status {
    const here = this.#here.get(user)
    if (!here) return 'offline'
    if (here.sessions.size === 0) return 'online'
    return [...here.sessions.values()].includes('active') ? 'online' : 'away'
  }

  #leave(user: UserId): void {
    const here = this.#here.get(user)
    if (!here || here.sessions.size > 0) return
    this.#here.delete(user)
    this.#lastOnline.note(user, here.leftAt)
    this.#watchers.changed(user)
  }

  async #show(session: PresenceSession, users: readonly UserId[]): Promise<void> {
    if (users.length === 0) return
    try {
      for (const item of await this.of(session.user, users)) session.sendTransient({ t: 'presence', ...item })
    } catch {
      // Presence is never worth an error: the next change tells again.
    }
  }
}
