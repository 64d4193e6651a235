import type { Clock } from '../../lib/clock.ts'
import { type NodeStatus, type PresenceStore, statusLife } from '../../presence/presence-store.ts'
import type { RedisConnection } from './connection.ts'
import { Script } from './driver.ts'
import { RedisNodeRows } from './node-rows.ts'

/** Milliseconds after which it is forgotten when a user was last online: two years. */
const remembered = 2 * 365 * 86_400_000
const partSize = 1000

/** KEYS: a time each. ARGV: how long it is kept, then the new times. */
const forward = new Script(`
for i = 1, #KEYS do
  local known = tonumber(redis.call('GET', KEYS[i]) or 0)
  if tonumber(ARGV[i + 1]) > known then redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[1]) end
end
`)

export class RedisPresenceStore implements PresenceStore {
  readonly #connection
  readonly #prefix
  readonly #rows

  constructor(connection: RedisConnection, clock: Clock, prefix: string) {
    this.#connection = connection
    this.#prefix = `${prefix}last-online:`
    this.#rows = new RedisNodeRows(connection, clock, `${prefix}presence`, statusLife)
  }

  async saveLastOnline(times: readonly { user: string; at: number }[]): Promise<void> {
    for (let start = 0; start < times.length; start += partSize) {
      const part = times.slice(start, start + partSize)
      const keys = part.map(({ user }) => this.#prefix + user)
      await this.#connection.run((redis) => forward.run(redis, keys, [remembered, ...part.map(({ at }) => at)]))
    }
  }

  async lastOnline(users: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (users.length === 0) return new Map()
    const keys = users.map((user) => this.#prefix + user)
    const times = (await this.#connection.run((redis) => redis.sendCommand(['MGET', ...keys]))) as (string | null)[]
    return new Map(users.flatMap((user, index) => (times[index] ? [[user, Number(times[index])] as const] : [])))
  }

  saveStatus(
    node: string,
    statuses: readonly { user: string; status: NodeStatus['status'] | 'offline' }[],
  ): Promise<void> {
    return this.#rows.set(
      node,
      statuses.map(({ user, status }) => ({ name: user, value: status === 'offline' ? '' : status })),
    )
  }

  async statusOf(users: readonly string[]): Promise<ReadonlyMap<string, readonly NodeStatus[]>> {
    const found = await this.#rows.of(users)
    const statusOf = (value: string): NodeStatus['status'] => (value === 'away' ? 'away' : 'online')
    return new Map(
      [...found].map(([user, rows]) => [
        user,
        rows.map(({ node, value, at }) => ({ node, status: statusOf(value), at })),
      ]),
    )
  }

  dropNode(node: string): Promise<void> {
    return this.#rows.dropNode(node)
  }
}
