import { type Revocation, type RevocationLog, revocationRetention } from '../../accounts/revocation-log.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Shard, Shards } from './shards.ts'

/** One shard's part of a mark: a snapshot of its transactions, and when it was taken by its clock (ms). */
interface ShardMark {
  snapshot: string
  at: number
}

const toldAtOnce = 10_000
/** As long, and as many, are told again: transactions that a fail-over undid have numbers that are used anew. */
const again = { seconds: 10, rows: 1000 }

const now = `pg_current_snapshot()::text AS snapshot, (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS at`
const columns = `user_id AS "user", device_id AS device, token_hash AS "tokenHash", reason`
const first = { name: 'revocations-mark', text: `SELECT ${now}, '[]'::json AS told, 0 AS fresh` }
/** Exact, however late a transaction commits: told is what the earlier snapshot did not see. */
const since = {
  name: 'revocations-since',
  text: `
WITH fresh AS (
  SELECT ${columns} FROM revocations
  WHERE txid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(txid, $1::pg_snapshot)
  LIMIT ${toldAtOnce + 1}
), late AS (
  SELECT ${columns} FROM revocations WHERE at > now() - interval '${again.seconds} s' ORDER BY at DESC LIMIT ${again.rows}
)
SELECT ${now}, (SELECT count(*) FROM fresh) AS fresh,
  (SELECT coalesce(json_agg(one), '[]') FROM (SELECT * FROM fresh UNION SELECT * FROM late) one) AS told`,
}
const trim = {
  name: 'revocations-trim',
  text: `
DELETE FROM revocations WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM revocations WHERE at < to_timestamp($1::float8 / 1000) LIMIT $2))
RETURNING 1`,
}

interface Answer extends ShardMark {
  told: Revocation[]
  fresh: number
}

/** A mark has a part for each shard; a shard that is away keeps its part, and tells all when it is back. */
export class PostgresRevocationLog implements RevocationLog {
  readonly #shards
  readonly #logger

  constructor(shards: Shards, logger: Logger) {
    this.#shards = shards
    this.#logger = logger
  }

  async since(mark: string | undefined): Promise<{ mark: string; revocations: Revocation[] | undefined }> {
    const before = readMark(mark)
    const asked = await Promise.allSettled(this.#shards.all.map((shard) => ask(shard, before.get(shard.id))))
    const next = new Map<string, ShardMark>()
    const revocations: Revocation[] = []
    let complete = true
    for (const [index, shard] of this.#shards.all.entries()) {
      const outcome = asked[index] as PromiseSettledResult<Answer>
      const known = before.get(shard.id)
      if (outcome.status === 'rejected') {
        // Without a mark of every shard there is none; with one, the others' word is worth having.
        if (!known || asked.every(({ status }) => status === 'rejected')) throw outcome.reason
        this.#logger.debug({ database: shard.database.label }, 'its revocations are not known')
        next.set(shard.id, known)
        continue
      }
      const { snapshot, at, told, fresh } = outcome.value
      next.set(shard.id, { snapshot, at })
      if (fresh > toldAtOnce || (known ? at - known.at > revocationRetention : mark !== undefined)) complete = false
      else revocations.push(...told)
    }
    return { mark: JSON.stringify(Object.fromEntries(next)), revocations: complete ? revocations : undefined }
  }

  async trim(time: number, limit: number): Promise<number> {
    let count = 0
    for (const { database } of this.#shards.all) {
      if (count < limit) count += (await database.run(trim, [time, limit - count])).length
    }
    return count
  }
}

async function ask({ database }: Shard, mark: ShardMark | undefined): Promise<Answer> {
  const [answer] = mark ? await database.run<Answer>(since, [mark.snapshot]) : await database.run<Answer>(first, [])
  if (!answer) throw new Error('a question without an answer')
  return answer
}

/** Nothing of what cannot be read. */
function readMark(mark = ''): Map<string, ShardMark> {
  try {
    const parts = Object.entries(JSON.parse(mark) as Record<string, ShardMark>)
    return new Map(parts.filter(([, { snapshot, at }]) => /^\d+:\d+:[\d,]*$/.test(snapshot) && at > 0))
  } catch {
    return new Map()
  }
}
