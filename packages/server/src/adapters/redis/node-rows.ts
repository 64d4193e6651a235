import type { Clock } from '../../lib/clock.ts'
import { Turns } from '../../lib/turns.ts'
import type { RedisConnection } from './connection.ts'
import { Script } from './driver.ts'

/** Keys written by one call; a script stops the server while it runs. */
const partSize = 500
/** Writes that wait for those before them; more are refused. */
const writesWaiting = 1000

/** KEYS: the node's index, then hashes. ARGV: node, now, life, then per hash its name in the index and a value ('' = none). */
const write = new Script(`
local node, now, life = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 2, #KEYS do
  local name, value = ARGV[2 * i], ARGV[2 * i + 1]
  if value == '' then
    redis.call('HDEL', KEYS[i], node)
    redis.call('SREM', KEYS[1], name)
  else
    local rows = redis.call('HGETALL', KEYS[i])
    for j = 1, #rows, 2 do
      if tonumber(string.match(rows[j + 1], '^%d+')) <= now - life then redis.call('HDEL', KEYS[i], rows[j]) end
    end
    redis.call('HSET', KEYS[i], node, now .. ' ' .. value)
    redis.call('PEXPIRE', KEYS[i], life)
    redis.call('SADD', KEYS[1], name)
  end
end
redis.call('PEXPIRE', KEYS[1], life)
`)

/** KEYS: hashes. Answers per hash: node, row, node, row… */
const read = new Script(`
local found = {}
for i = 1, #KEYS do found[i] = redis.call('HGETALL', KEYS[i]) end
return found
`)

/** KEYS: a node's index. ARGV: node, what all names begin with, how many. Answers how many there were. */
const drop = new Script(`
local names = redis.call('SPOP', KEYS[1], ARGV[3])
for _, name in ipairs(names) do redis.call('HDEL', ARGV[2] .. name, ARGV[1]) end
return #names
`)

export interface NodeRow {
  node: string
  value: string
  at: number
}

/**
 * What nodes say about names: a hash per name (node → time and value), and per node a set of the names it spoke of, so
 * that all of them can be found. Both go by themselves when nobody renews them.
 */
export class RedisNodeRows {
  readonly #connection
  readonly #clock
  readonly #prefix
  readonly #life
  /** A drop takes several calls: what is written after it must not fall in between. */
  readonly #writing = new Turns(1, writesWaiting)

  constructor(connection: RedisConnection, clock: Clock, prefix: string, life: number) {
    this.#connection = connection
    this.#clock = clock
    this.#prefix = prefix
    this.#life = life
  }

  /** A value is anything but ''; '' takes the row out. */
  set(node: string, rows: readonly { name: string; value: string }[]): Promise<void> {
    const now = Math.round(this.#clock.now())
    return this.#writing.take(async () => {
      for (let start = 0; start < rows.length; start += partSize) {
        const part = rows.slice(start, start + partSize)
        const keys = [this.#index(node), ...part.map(({ name }) => this.#key(name))]
        const args = [node, now, this.#life, ...part.flatMap(({ name, value }) => [name, value])]
        await this.#connection.run((redis) => write.run(redis, keys, args))
      }
    })
  }

  async of(names: readonly string[]): Promise<ReadonlyMap<string, readonly NodeRow[]>> {
    const parts: Promise<void>[] = []
    const found = new Map<string, NodeRow[]>()
    for (let start = 0; start < names.length; start += partSize) {
      const part = names.slice(start, start + partSize)
      parts.push(this.#read(part, found))
    }
    await Promise.all(parts)
    return found
  }

  dropNode(node: string): Promise<void> {
    const args = [node, this.#key(''), partSize]
    return this.#writing.take(async () => {
      while (Number(await this.#connection.run((redis) => drop.run(redis, [this.#index(node)], args))) > 0);
    })
  }

  async #read(names: readonly string[], found: Map<string, NodeRow[]>): Promise<void> {
    const keys = names.map((name) => this.#key(name))
    const answers = (await this.#connection.run((redis) => read.run(redis, keys, []))) as string[][]
    const oldest = this.#clock.now() - this.#life
    for (const [index, name] of names.entries()) {
      const rows = rowsOf(answers[index] ?? []).filter(({ at }) => at > oldest)
      if (rows.length > 0) found.set(name, rows)
    }
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`
  }

  #index(node: string): string {
    return `${this.#prefix}-of:${node}`
  }
}

function rowsOf(fields: readonly string[]): NodeRow[] {
  const rows: NodeRow[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [at = '', value = ''] = (fields[i + 1] as string).split(' ')
    rows.push({ node: fields[i] as string, value, at: Number(at) })
  }
  return rows
}
