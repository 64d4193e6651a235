import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import { Database } from './database.ts'
import type { DatabaseUrl } from './database-url.ts'
import type { Client, Driver } from './driver.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { Shard, Shards } from './shards.ts'
import { checkShards, evenRanges, type ShardName, type SlotRange } from './slot-map.ts'

interface Found extends ShardName {
  at: DatabaseUrl
  ranges: SlotRange[]
}

/** @throws Error when a database cannot be reached or is not one of this service's */
export async function openShards(
  driver: Driver,
  urls: readonly DatabaseUrl[],
  logger: Logger,
  counts?: StatementCounts,
): Promise<Shards> {
  const found: Found[] = []
  for (const at of urls) {
    const read = await prepare(driver, at, (client) => readShard(client))
    found.push({ ...read, at, label: at.label })
  }
  const ranges = await agree(driver, found)
  const shards = found.map(({ id, at }) => {
    const open = ({ label, url }: { label: string; url: string }): Database =>
      new Database(driver, { ...at, label, url }, logger, counts)
    return new Shard(id, open(at), at.replicas.map(open))
  })
  return new Shards(shards, ranges)
}

/**
 * Which database has which slots: as it is written in them. The first node that starts over empty ones writes it; of
 * several that start together, whichever is first in the database whose id is smallest.
 */
async function agree(driver: Driver, found: readonly Found[]): Promise<SlotRange[]> {
  const written = found.filter(({ ranges }) => ranges.length > 0)
  let ranges = written[0]?.ranges ?? evenRanges(found)
  for (const one of [...found].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    checkShards(found, ranges)
    const stored = await prepare(driver, one.at, (client) => writeRanges(client, ranges))
    if (written.length === 0) ranges = stored
    if (textOf(stored) !== textOf(ranges))
      throw new Error(`${one.label} belongs to another service than the other databases of DATABASE_URL.`)
  }
  return ranges
}

const textOf = (ranges: readonly SlotRange[]): string => ranges.map(({ first, shard }) => `${first} ${shard}`).join()

async function prepare<T>(driver: Driver, at: DatabaseUrl, work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await migrate(driver, at, migrations, work)
  } catch (error) {
    throw new Error(`PostgreSQL at ${at.label}: ${(error as Error).message || (error as { code?: string }).code}`, {
      cause: error,
    })
  }
}

async function readShard(client: Client): Promise<{ id: string; ranges: SlotRange[] }> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM shard')
  const [shard] = rows
  if (!shard) throw new Error('it has lost its name (table shard).')
  return { id: shard.id, ranges: await readRanges(client) }
}

async function readRanges(client: Client): Promise<SlotRange[]> {
  return (await client.query<SlotRange>('SELECT first, shard, label FROM slots ORDER BY first')).rows
}

/** Writes them where none are. @returns what is written there. */
async function writeRanges(client: Client, ranges: readonly SlotRange[]): Promise<SlotRange[]> {
  const stored = await readRanges(client)
  if (stored.length > 0) return stored
  for (const { first, shard, label } of ranges)
    await client.query('INSERT INTO slots (first, shard, label) VALUES ($1, $2, $3)', [first, shard, label])
  return [...ranges]
}
