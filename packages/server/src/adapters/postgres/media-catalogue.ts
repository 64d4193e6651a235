import type { MediaId, UserId } from '@parley/protocol'
import type { MediaCatalogue } from '../../media/media-catalogue.ts'
import type { AnnouncedMedia, MediaFacts, MediaRecord } from '../../media/media-record.ts'
import { storableJson } from './driver.ts'
import type { Shards } from './shards.ts'

interface MediaRow extends Omit<AnnouncedMedia, 'name' | 'createdAt'> {
  name: string | null
  created_at: number
  state: MediaRecord['state']
  facts: MediaFacts | null
}

const columns = 'id, owner, size, type, sha256, name, created_at, state, facts'

const insert = {
  name: 'media-insert',
  text: `
INSERT INTO media (id, owner, size, type, sha256, name, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO NOTHING`,
}
const byId = { name: 'media-by-id', text: `SELECT ${columns} FROM media WHERE id = $1` }
const complete = {
  name: 'media-complete',
  text: `
UPDATE media SET state = 'complete', facts = coalesce(facts, $2), completed_at = coalesce(completed_at, $3)
WHERE id = $1 AND state <> 'leaving' RETURNING id`,
}
const condemn = {
  name: 'media-condemn',
  text: `UPDATE media SET state = 'leaving' WHERE id = $1 AND refs = 0 RETURNING id`,
}
const forget = { name: 'media-forget', text: `DELETE FROM media WHERE id = $1 AND state = 'leaving'` }
const deserted = {
  name: 'media-deserted',
  text: `
(SELECT ${columns} FROM media WHERE state = 'leaving' LIMIT $3)
UNION ALL (SELECT ${columns} FROM media WHERE state = 'uploading' AND created_at < $1 LIMIT $3)
UNION ALL (SELECT ${columns} FROM media WHERE state = 'complete' AND refs = 0 AND completed_at < $2 LIMIT $3)
LIMIT $3`,
}
const usage = {
  name: 'media-usage',
  text: 'SELECT coalesce(sum(size), 0)::bigint AS bytes, count(*) AS count FROM media WHERE owner = $1',
}

/** In the shard of the media, with what refers to them. */
export class PostgresMediaCatalogue implements MediaCatalogue {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async create(media: AnnouncedMedia, quota: number): Promise<boolean> {
    const { id, owner, size, type, sha256, name = null, createdAt } = media
    if (await this.find(id)) return true
    if ((await this.usage(owner)).bytes + size > quota) return false
    await this.#shards.run(id, insert, [id, owner, size, type, sha256, name, createdAt])
    return true
  }

  async find(id: MediaId): Promise<MediaRecord | undefined> {
    const [row] = await this.#shards.run<MediaRow>(id, byId, [id])
    return row && recordOf(row)
  }

  async complete(id: MediaId, facts: MediaFacts, at: number): Promise<boolean> {
    return (await this.#shards.run(id, complete, [id, storableJson(facts), at])).length > 0
  }

  async condemn(id: MediaId): Promise<boolean> {
    return (await this.#shards.run(id, condemn, [id])).length > 0
  }

  async forget(id: MediaId): Promise<void> {
    await this.#shards.run(id, forget, [id])
  }

  async deserted({ unfinished, unreferenced }: { unfinished: number; unreferenced: number }, limit: number) {
    const values = [unfinished, unreferenced, limit]
    const rows = await this.#shards.everywhere(({ database }) => database.run<MediaRow>(deserted, values))
    return rows.slice(0, limit).map(recordOf)
  }

  async usage(owner: UserId): Promise<{ bytes: number; count: number }> {
    type Usage = { bytes: number; count: number }
    const parts = await this.#shards.everywhere(({ database }) => database.run<Usage>(usage, [owner]))
    const sum = (field: keyof Usage): number => parts.reduce((all, part) => all + part[field], 0)
    return { bytes: sum('bytes'), count: sum('count') }
  }
}

function recordOf({ id, owner, size, type, sha256, name, created_at: createdAt, state, facts }: MediaRow): MediaRecord {
  const announced = { id, owner, size, type, sha256, name: name ?? undefined, createdAt }
  if (state === 'complete' && facts) return { ...announced, state, facts }
  if (state === 'leaving') return { ...announced, state, ...(facts && { facts }) }
  return { ...announced, state: 'uploading' }
}
