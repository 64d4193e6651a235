import type { MediaId } from '@parley/protocol'
import type { MediaObjects, StoredObject, Tier, TierTotal } from '../../media/media-objects.ts'
import type { Shards } from './shards.ts'

interface ObjectRow {
  key: string
  size: number
  tier: Tier
  read_at: number
}

const columns = 'key, size, tier, read_at'

const use = {
  name: 'media-use',
  text: 'INSERT INTO media_uses (key, media) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING key',
}
/** Not of one that is being removed: then no row comes back. */
const claim = {
  name: 'media-object-claim',
  text: `
INSERT INTO media_objects AS had (key, size, read_at, uses) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET uses = had.uses + $4, read_at = greatest(had.read_at, $3) WHERE NOT had.leaving
RETURNING key`,
}
const unuse = { name: 'media-unuse', text: 'DELETE FROM media_uses WHERE key = $1 AND media = $2' }
const release = {
  name: 'media-release',
  text: `
WITH gone AS (DELETE FROM media_uses WHERE media = $1 RETURNING key)
UPDATE media_objects SET uses = uses - 1 FROM gone WHERE media_objects.key = gone.key`,
}
const byKey = { name: 'media-object-by-key', text: `SELECT ${columns} FROM media_objects WHERE key = $1` }
/**
 * Whoever is slow could delete bytes that another node removed before and that somebody stored anew since. So they are
 * named to one node at a time, and few at once: it is done with them long before another is told.
 */
const handedOut = 50
const unused = {
  name: 'media-objects-unused',
  text: `
UPDATE media_objects SET leaving = true, remover = $2, removed_until = now() + interval '10 minutes'
WHERE uses = 0 AND key IN (
  SELECT key FROM media_objects WHERE uses = 0 AND (NOT leaving OR remover = $2 OR removed_until < now())
  LIMIT $1 FOR UPDATE
)
RETURNING ${columns}`,
}
const newName = { name: 'media-remover', text: 'SELECT gen_random_uuid()::text AS name' }
const remove = { name: 'media-object-remove', text: 'DELETE FROM media_objects WHERE key = $1 AND leaving' }
const noteReads = {
  name: 'media-objects-read',
  text: `
UPDATE media_objects SET read_at = given.at FROM (
  SELECT key, max(at) AS at FROM unnest($1::text[], $2::bigint[]) AS given (key, at) GROUP BY key
) AS given
WHERE media_objects.key = given.key AND media_objects.read_at < given.at`,
}
const setTier = { name: 'media-object-tier', text: 'UPDATE media_objects SET tier = $2 WHERE key = $1' }
const totals = {
  name: 'media-objects-totals',
  text: 'SELECT tier, sum(size)::bigint AS bytes, count(*)::bigint AS objects FROM media_objects GROUP BY tier',
}
const unread = {
  name: 'media-objects-unread',
  text: `
SELECT ${columns}, ARRAY(SELECT media FROM media_uses WHERE media_uses.key = o.key) AS media FROM media_objects AS o
WHERE tier = 'hot' AND read_at < $1 AND key > $2 ORDER BY key LIMIT $3`,
}

/** In the shard of the key. */
export class PostgresMediaObjects implements MediaObjects {
  readonly #shards
  #name: Promise<string> | undefined

  constructor(shards: Shards) {
    this.#shards = shards
  }

  claim({ key, size }: { key: string; size: number }, media: MediaId, at: number): Promise<boolean> {
    return this.#shards.of(key).database.transaction(async (run) => {
      const added = (await run(use, [key, media])).length
      const claimed = (await run(claim, [key, size, at, added])).length > 0
      if (!claimed && added > 0) await run(unuse, [key, media])
      return claimed
    })
  }

  async release(media: MediaId): Promise<void> {
    await this.#shards.everywhere(({ database }) => database.run(release, [media]))
  }

  async find(key: string): Promise<StoredObject | undefined> {
    const [row] = await this.#shards.run<ObjectRow>(key, byKey, [key])
    return row && objectOf(row)
  }

  /** One database after the other: what is marked beyond `limit` could not be claimed until it is named. */
  async unused(limit: number): Promise<StoredObject[]> {
    const name = await this.#remover()
    const most = Math.min(limit, handedOut)
    const found: StoredObject[] = []
    for (const { database } of this.#shards.all) {
      if (found.length === most) break
      found.push(...(await database.run<ObjectRow>(unused, [most - found.length, name])).map(objectOf))
    }
    return found
  }

  async remove(key: string): Promise<void> {
    await this.#shards.run(key, remove, [key])
  }

  async noteReads(reads: readonly { key: string; at: number }[]): Promise<void> {
    for (const [{ database }, some] of this.#shards.group(reads, ({ key }) => key))
      await database.run(noteReads, [some.map(({ key }) => key), some.map(({ at }) => at)])
  }

  async setTier(key: string, tier: Tier): Promise<void> {
    await this.#shards.run(key, setTier, [key, tier])
  }

  async totals(): Promise<TierTotal[]> {
    const rows = await this.#shards.everywhere((shard) => shard.read((one) => one.run<TierTotal>(totals, [])))
    const byTier = new Map<Tier, TierTotal>()
    for (const { tier, bytes, objects } of rows) {
      const known = byTier.get(tier) ?? { tier, bytes: 0, objects: 0 }
      byTier.set(tier, { tier, bytes: known.bytes + Number(bytes), objects: known.objects + Number(objects) })
    }
    return [...byTier.values()]
  }

  async unread(before: number, after: string, limit: number): Promise<(StoredObject & { media: MediaId[] })[]> {
    type Row = ObjectRow & { media: MediaId[] }
    const values = [before, after, limit]
    const rows = await this.#shards.everywhere(({ database }) => database.run<Row>(unread, values))
    rows.sort((a, b) => (a.key < b.key ? -1 : 1))
    return rows.slice(0, limit).map((row) => ({ ...objectOf(row), media: row.media }))
  }

  /** Of this process, while it runs. */
  async #remover(): Promise<string> {
    this.#name ??= this.#shards.run<{ name: string }>('media', newName, []).then(([row]) => row?.name ?? '')
    try {
      return await this.#name
    } catch (error) {
      this.#name = undefined
      throw error
    }
  }
}

const objectOf = ({ key, size, tier, read_at: readAt }: ObjectRow): StoredObject => ({ key, size, tier, readAt })
