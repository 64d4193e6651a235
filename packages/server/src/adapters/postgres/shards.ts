import type { Database } from './database.ts'
import type { SqlValue, Statement } from './driver.ts'
import { type SlotRange, slotCount, slotOf } from './slot-map.ts'

/** One of the databases that users are spread over, with those that follow it. */
export class Shard {
  readonly id
  readonly database
  readonly replicas
  #next = 0

  constructor(id: string, database: Database, replicas: readonly Database[]) {
    this.id = id
    this.database = database
    this.replicas = replicas
  }

  /** For what may be a little old: asks a replica, in turn, and the database itself where none answers. */
  async read<Row>(ask: (database: Database) => Promise<Row[]>): Promise<Row[]> {
    const replica = this.replicas[this.#next++ % this.replicas.length]
    if (!replica) return ask(this.database)
    try {
      return await ask(replica)
    } catch {
      return ask(this.database)
    }
  }
}

export class Shards {
  readonly all: readonly Shard[]
  readonly #bySlot: readonly Shard[]

  /** `ranges` in order of `first`; every shard they name is there. */
  constructor(all: readonly Shard[], ranges: readonly SlotRange[]) {
    this.all = all
    const byId = new Map(all.map((shard) => [shard.id, shard]))
    this.#bySlot = Array.from({ length: slotCount }, (_, slot) => {
      const shard = byId.get(ranges.findLast(({ first }) => first <= slot)?.shard ?? '')
      if (!shard) throw new Error(`No database has slot ${slot}.`)
      return shard
    })
  }

  /** Where what belongs to `key` is. */
  of(key: string): Shard {
    return this.#bySlot[slotOf(key)] as Shard
  }

  run<Row>(key: string, statement: Statement, values: readonly SqlValue[]): Promise<Row[]> {
    return this.of(key).database.run(statement, values)
  }

  /** Items by the shard of their key, each with its place among all. */
  group<Item>(items: readonly Item[], keyOf: (item: Item) => string): [Shard, Item[]][] {
    const groups = new Map<Shard, Item[]>()
    for (const item of items) {
      const shard = this.of(keyOf(item))
      const group = groups.get(shard)
      if (group) group.push(item)
      else groups.set(shard, [item])
    }
    return [...groups]
  }

  /** What all of them have, together. */
  async everywhere<Row>(ask: (shard: Shard) => Promise<Row[]>): Promise<Row[]> {
    return (await Promise.all(this.all.map(ask))).flat()
  }

  async close(): Promise<void> {
    await Promise.all(this.all.flatMap(({ database, replicas }) => [database, ...replicas]).map((one) => one.close()))
  }
}
