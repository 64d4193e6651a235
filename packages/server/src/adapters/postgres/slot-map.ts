import { hash } from 'node:crypto'

/** A user is in one of so many slots, for ever; which database has a slot is written in all of them. */
export const slotCount = 4096

/** The slot of a user, of a username, of whatever else is kept by one key. */
export function slotOf(key: string): number {
  return hash('sha256', key, 'buffer').readUInt16BE(0) % slotCount
}

/** Slots from `first` on, up to the next range's, are in `shard`. */
export interface SlotRange {
  first: number
  shard: string
  /** Where the shard was when it got them, for people. */
  label: string
}

export interface ShardName {
  id: string
  label: string
}

export function evenRanges(shards: readonly ShardName[]): SlotRange[] {
  return shards.map(({ id, label }, index) => ({
    first: Math.floor((index * slotCount) / shards.length),
    shard: id,
    label,
  }))
}

/**
 * Whether these databases are the ones that users are spread over, in whatever order they are named.
 * @throws Error that says which one is missing, too many or named twice: users there would not be found
 */
export function checkShards(given: readonly ShardName[], ranges: readonly SlotRange[]): void {
  const byId = new Map<string, ShardName>()
  for (const one of given) {
    const other = byId.get(one.id)
    if (other)
      throw new Error(`DATABASE_URL names one database twice, or a copy of it: ${other.label} and ${one.label}.`)
    byId.set(one.id, one)
  }
  const parts = new Map(ranges.map(({ shard, label }) => [shard, label]))
  const missing = [...parts].filter(([shard]) => !byId.has(shard)).map(([, label]) => label)
  const strange = given.filter(({ id }) => !parts.has(id)).map(({ label }) => label)
  if (missing.length === 0 && strange.length === 0) return
  throw new Error(
    [
      `The users of this service are spread over ${count(parts.size)}, for good; DATABASE_URL names ${count(given.length)}.`,
      ...missing.map((label) => `Missing is the one that was at ${label}.`),
      ...strange.map((label) => `${label} is not one of them.`),
    ].join(' '),
  )
}

const count = (databases: number): string => (databases === 1 ? 'one database' : `${databases} databases`)
