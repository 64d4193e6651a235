import type { PresenceDownFrame, UserId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import { type Elsewhere, nowhereElse } from './elsewhere.ts'
import type { LastOnline } from './last-online.ts'
import type { Visibility } from './visibility.ts'
import { type PresenceSession, Watchers } from './watchers.ts'

type Status = PresenceDownFrame['status']

interface PresenceItem {
  user: UserId
  status: Status
  lastOnline?: number
}

interface Here {
  sessions: Map<PresenceSession, 'active' | 'away'>
  status: 'online' | 'away'
  /** Running since the last session closed. */
  grace: Timer | undefined
  leftAt: number
}

/** Milliseconds after the last session closed until a user is told to be offline (rule K1). */
const graceTime = 10_000
/** How old the stored last-online time of somebody who is here may be when the process is killed. */
const refreshTime = 300_000
/** Milliseconds for which it is believed who shares a conversation: when a session begins to watch, and for changes. */
const believed = { watch: 1_000, change: 10_000 }

/**
 * Who is online: known from sessions, told to watchers, never stored but for the time somebody was last here.
 * Heartbeats cost nothing: a session is here until its gateway closes it.
 */
export class PresenceService {
  readonly #clock
  readonly #visibility
  readonly #lastOnline
  readonly #elsewhere
  readonly #watchers
  #here = new Map<UserId, Here>()
  #refresh: Timer | undefined

  constructor(clock: Clock, visibility: Visibility, lastOnline: LastOnline, elsewhere: Elsewhere = nowhereElse) {
    this.#clock = clock
    this.#visibility = visibility
    this.#lastOnline = lastOnline
    this.#elsewhere = elsewhere
    this.#watchers = new Watchers(clock, (session, users) => void this.#tell(session, users, believed.change))
    elsewhere.listen((user) => this.#watchers.changed(user))
  }

  opened(session: PresenceSession): void {
    const { user } = session
    this.#refresh ??= this.#clock.every(refreshTime, () => this.#noteAll())
    const here = this.#here.get(user)
    if (here) {
      here.grace?.cancel()
      here.grace = undefined
      here.sessions.set(session, 'active')
      return this.#settle(user, here)
    }
    const sessions = new Map([[session, 'active' as const]])
    this.#here.set(user, { sessions, status: 'online', grace: undefined, leftAt: 0 })
    this.#changed(user, 'online')
  }

  closed(session: PresenceSession): void {
    const { user } = session
    this.#watchers.remove(session)
    const here = this.#here.get(user)
    if (!here?.sessions.delete(session)) return
    if (here.sessions.size > 0) return this.#settle(user, here)
    here.leftAt = this.#clock.now()
    here.grace = this.#clock.after(graceTime, () => this.#leave(user, here))
  }

  setStatus(session: PresenceSession, status: 'active' | 'away'): void {
    const here = this.#here.get(session.user)
    if (!here?.sessions.has(session)) return
    here.sessions.set(session, status)
    this.#settle(session.user, here)
  }

  /** The present state is told at once, changes from then on. */
  watch(session: PresenceSession, watch: readonly UserId[], unwatch: readonly UserId[]): void {
    this.#watchers.unwatch(session, unwatch)
    const watched = this.#watchers.watch(session, watch)
    if (watched.length > 0) void this.#tell(session, watched, believed.watch)
  }

  /** Of those that `viewer` may see. */
  async of(viewer: UserId, users: readonly UserId[]): Promise<PresenceItem[]> {
    return this.#items(await this.#visibility.seenBy(viewer, users, 0))
  }

  /** Everybody who is here was online until now. */
  stop(): void {
    this.#refresh?.cancel()
    this.#refresh = undefined
    this.#noteAll()
    for (const here of this.#here.values()) here.grace?.cancel()
    this.#here.clear()
  }

  /** Tells watchers when what the sessions say together is something else than before. */
  #settle(user: UserId, here: Here): void {
    const status = [...here.sessions.values()].includes('active') ? 'online' : 'away'
    if (status === here.status) return
    here.status = status
    this.#changed(user, status)
  }

  #leave(user: UserId, here: Here): void {
    this.#here.delete(user)
    this.#lastOnline.note(user, here.leftAt)
    this.#changed(user, 'offline')
  }

  #changed(user: UserId, status: Status): void {
    this.#elsewhere.say(user, status)
    this.#watchers.changed(user)
  }

  #noteAll(): void {
    const now = this.#clock.now()
    for (const [user, { sessions, leftAt }] of this.#here) this.#lastOnline.note(user, sessions.size > 0 ? now : leftAt)
  }

  async #items(users: readonly UserId[]): Promise<PresenceItem[]> {
    const here = users.map((user) => this.#here.get(user)?.status)
    const open = users.filter((_, index) => here[index] !== 'online')
    const others = open.length > 0 ? await this.#elsewhere.statusOf(open) : undefined
    const statuses = users.map((user, index) => {
      const there = others?.get(user)?.status
      return there === 'online' ? there : (here[index] ?? there)
    })
    const gone = users.filter((_, index) => statuses[index] === undefined)
    const times = gone.length > 0 ? await this.#lastOnline.of(gone) : undefined
    const now = this.#clock.now()
    return users.map((user, index) => {
      const status = statuses[index]
      if (status) return { user, status, lastOnline: now }
      // What a node said of a user before it died may be newer than what it stored.
      const lastOnline = Math.max(times?.get(user) ?? 0, others?.get(user)?.at ?? 0)
      return { user, status: 'offline', ...(lastOnline === 0 ? {} : { lastOnline }) }
    })
  }

  async #tell(session: PresenceSession, users: readonly UserId[], trust: number): Promise<void> {
    try {
      const seen = await this.#visibility.seenBy(session.user, users, trust)
      for (const item of await this.#items(seen)) session.sendTransient({ t: 'presence', ...item })
    } catch {
      // Presence is never worth an error: the next change tells again.
    }
  }
}
