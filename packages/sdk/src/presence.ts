import type { UserId } from '@parley/protocol'
import type { Way } from './connection/way.ts'
import type { CallOptions } from './http/api.ts'
import type { Http } from './http/http.ts'

export interface PresenceOf {
  user: UserId
  status: 'online' | 'away' | 'offline'
  /** ms since the epoch. */
  lastOnline?: number
}

const mostInFrame = 500

/** My own status, and whose I am told of (event `presence`). Said again on every new connection; sockets only. */
export class Presence {
  readonly #http
  readonly #watched = new Set<UserId>()
  #status: 'active' | 'away' = 'active'
  #way: Way | undefined

  constructor(http: Http) {
    this.#http = http
  }

  /** `away`: the program is in the background. */
  setStatus(status: 'active' | 'away'): void {
    this.#status = status
    this.#way?.presence(status, [], [])
  }

  watch(users: readonly UserId[]): void {
    const added = users.filter((user) => !this.#watched.has(user))
    for (const user of added) this.#watched.add(user)
    this.#tell(added)
  }

  unwatch(users: readonly UserId[]): void {
    const removed = users.filter((user) => this.#watched.delete(user))
    for (let at = 0; at < removed.length; at += mostInFrame) {
      this.#way?.presence(this.#status, [], removed.slice(at, at + mostInFrame))
    }
  }

  /** Once, over HTTP: of those that I may see. */
  async of(users: readonly UserId[], { signal }: CallOptions = {}): Promise<PresenceOf[]> {
    const query = { users: users.join(',') }
    return (await this.#http.call<{ items: PresenceOf[] }>({ method: 'GET', path: '/v1/presence', query, signal }))
      .items
  }

  attach(way: Way | undefined): void {
    this.#way = way
    if (this.#watched.size > 0) this.#tell([...this.#watched])
    else if (this.#status === 'away') way?.presence('away', [], [])
  }

  #tell(users: readonly UserId[]): void {
    for (let at = 0; at < users.length; at += mostInFrame) {
      this.#way?.presence(this.#status, users.slice(at, at + mostInFrame), [])
    }
  }
}
