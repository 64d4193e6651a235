import type { ConversationId, MediaId } from '@parley/protocol'
import type { MediaReference, MediaReferences } from '../../media/media-references.ts'
import type { Run } from './database.ts'
import type { Shards } from './shards.ts'

interface ReferenceRow {
  media: MediaId
  by: string
  conversation: ConversationId | null
  seq: number | null
  check_at: number | null
}

const columns = 'media, by, conversation, seq, check_at'

/** Whoever changes what refers to a media object holds its row, and so does `condemn`. */
const hold = { name: 'media-hold', text: 'SELECT state FROM media WHERE id = $1 FOR UPDATE' }
const refer = {
  name: 'media-refer',
  text: `
INSERT INTO media_references (${columns}) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (media, by) DO UPDATE SET check_at = greatest(media_references.check_at, excluded.check_at)
WHERE media_references.check_at IS NOT NULL
RETURNING xmax = 0 AS added`,
}
const settle = {
  name: 'media-settle',
  text: `
INSERT INTO media_references (${columns}) VALUES ($1, $2, $3, $4, NULL)
ON CONFLICT (media, by) DO UPDATE SET conversation = excluded.conversation, seq = excluded.seq, check_at = NULL
RETURNING xmax = 0 AS added`,
}
const drop = { name: 'media-drop', text: 'DELETE FROM media_references WHERE media = $1 AND by = $2 RETURNING by' }
const count = { name: 'media-count', text: 'UPDATE media SET refs = refs + $2 WHERE id = $1' }
const doubt = {
  name: 'media-doubt',
  text: 'UPDATE media_references SET check_at = $4 WHERE media = $1 AND conversation = $2 AND seq = $3',
}
const ofMedia = {
  name: 'media-references-of',
  text: `SELECT ${columns} FROM media_references WHERE media = $1 AND by > $2 ORDER BY by LIMIT $3`,
}
const doubtful = {
  name: 'media-references-doubtful',
  text: `SELECT ${columns} FROM media_references WHERE check_at <= $1 LIMIT $2`,
}

/** In the shard of the media. */
export class PostgresMediaReferences implements MediaReferences {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  refer({ media, by, conversation, seq, checkAt }: MediaReference & { checkAt: number }): Promise<boolean> {
    return this.#holding(media, async (run, state) => {
      if (state !== 'complete') return false
      const [row] = await run<{ added: boolean }>(refer, [media, by, conversation ?? null, seq ?? null, checkAt])
      if (row?.added) await run(count, [media, 1])
      return true
    })
  }

  async settle({ media, by, conversation, seq }: Omit<MediaReference, 'checkAt'>): Promise<void> {
    await this.#holding(media, async (run, state) => {
      if (state !== 'complete') return
      const [row] = await run<{ added: boolean }>(settle, [media, by, conversation ?? null, seq ?? null])
      if (row?.added) await run(count, [media, 1])
    })
  }

  async drop(media: MediaId, by: string): Promise<void> {
    await this.#holding(media, async (run) => {
      const gone = await run(drop, [media, by])
      if (gone.length > 0) await run(count, [media, -1])
    })
  }

  async doubt(media: MediaId, conversation: ConversationId, seq: number, at: number): Promise<void> {
    await this.#shards.run(media, doubt, [media, conversation, seq, at])
  }

  async of(media: MediaId, after: string, limit: number): Promise<MediaReference[]> {
    return (await this.#shards.run<ReferenceRow>(media, ofMedia, [media, after, limit])).map(referenceOf)
  }

  async doubtful(at: number, limit: number): Promise<MediaReference[]> {
    const rows = await this.#shards.everywhere(({ database }) => database.run<ReferenceRow>(doubtful, [at, limit]))
    return rows.slice(0, limit).map(referenceOf)
  }

  #holding<T>(media: MediaId, work: (run: Run, state: string | undefined) => Promise<T>): Promise<T> {
    return this.#shards.of(media).database.transaction(async (run) => {
      const [row] = await run<{ state: string }>(hold, [media])
      return work(run, row?.state)
    })
  }
}

const referenceOf = ({ media, by, conversation, seq, check_at: checkAt }: ReferenceRow): MediaReference => ({
  media,
  by,
  conversation: conversation ?? undefined,
  seq: seq ?? undefined,
  checkAt: checkAt ?? undefined,
})
