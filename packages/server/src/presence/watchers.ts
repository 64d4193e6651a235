import type { DownFrame, UserId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'

/** A session as presence sees it. */
export interface PresenceSession {
  readonly user: UserId
  /** False when the frame was dropped. */
  sendTransient(frame: DownFrame): boolean
  readonly congested: boolean
}

/** Users that one session may watch at once. */
const watchLimit = 500
const gatherTime = 1000

interface Watching {
  users: Set<UserId>
  /** Part of `users`, so it is bounded too. */
  changed: Set<UserId>
  timer: Timer | undefined
}

/** Who watches whom; changes are gathered for a second per watching session, the newest state wins. */
export class Watchers<Session extends PresenceSession = PresenceSession> {
  readonly #clock
  readonly #show
  #bySession = new Map<Session, Watching>()
  #byUser = new Map<UserId, Set<Session>>()

  /** `show` tells a session the present state of users. */
  constructor(clock: Clock, show: (session: Session, users: readonly UserId[]) => void) {
    this.#clock = clock
    this.#show = show
  }

  /** @returns those that are watched now; the rest is beyond the limit. */
  watch(session: Session, users: readonly UserId[]): UserId[] {
    if (users.length === 0) return []
    const watching = this.#bySession.get(session) ?? { users: new Set(), changed: new Set(), timer: undefined }
    this.#bySession.set(session, watching)
    return users.filter((user) => {
      if (watching.users.size >= watchLimit && !watching.users.has(user)) return false
      watching.users.add(user)
      const sessions = this.#byUser.get(user) ?? new Set()
      this.#byUser.set(user, sessions.add(session))
      return true
    })
  }

  unwatch(session: Session, users: Iterable<UserId>): void {
    const watching = this.#bySession.get(session)
    for (const user of users) {
      watching?.users.delete(user)
      watching?.changed.delete(user)
      const sessions = this.#byUser.get(user)
      sessions?.delete(session)
      if (sessions?.size === 0) this.#byUser.delete(user)
    }
  }

  remove(session: Session): void {
    const watching = this.#bySession.get(session)
    if (!watching) return
    watching.timer?.cancel()
    this.unwatch(session, [...watching.users])
    this.#bySession.delete(session)
  }

  changed(user: UserId): void {
    for (const session of this.#byUser.get(user) ?? []) {
      const watching = this.#bySession.get(session)
      if (!watching) continue
      watching.changed.add(user)
      watching.timer ??= this.#gather(session, watching)
    }
  }

  #gather(session: Session, watching: Watching): Timer {
    return this.#clock.after(gatherTime, () => {
      // A peer that does not read hears the newest state once it does: what it would miss is dropped first.
      watching.timer = session.congested ? this.#gather(session, watching) : undefined
      if (watching.timer) return
      const users = [...watching.changed]
      watching.changed.clear()
      if (users.length > 0) this.#show(session, users)
    })
  }
}
