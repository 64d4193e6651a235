import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { ClaimedJob, PushJob, PushQueue, PushQueueState, Settlement } from '../../notifications/push-queue.ts'
import type { Statement } from './database.ts'
import type { SqliteStore } from './store.ts'

const columns = 'user, device, conversation, seq, position, mentioned, due_at AS dueAt'

const add = `
INSERT INTO push_jobs (user, device, conversation, seq, position, mentioned, due_at)
SELECT value ->> 'user', value ->> 'device', value ->> 'conversation', value ->> 'seq', value ->> 'position',
  value ->> 'mentioned', value ->> 'dueAt' FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET
  due_at = CASE WHEN due_at IS NULL OR excluded.due_at < due_at THEN excluded.due_at ELSE due_at END,
  mentioned = mentioned OR excluded.mentioned,
  position = CASE WHEN excluded.seq > seq THEN excluded.position ELSE position END,
  seq = max(seq, excluded.seq)
WHERE due_at IS NOT NULL OR excluded.seq > seq`

const read = `
UPDATE push_jobs SET due_at = CASE WHEN due_at IS NULL OR mark.now < due_at THEN mark.now ELSE due_at END
FROM (SELECT value ->> 'user' AS u, value ->> 'conversation' AS c, value ->> 'seq' AS seq, ? AS now FROM json_each(?))
  AS mark
WHERE user = mark.u AND conversation = mark.c AND shown > 0 AND shown <= mark.seq`

const claim = `
WITH given (now, lease) AS MATERIALIZED (SELECT ?, ?)
UPDATE push_jobs SET leased_until = due.now + due.lease, claim = claim + 1
FROM (SELECT user AS u, conversation AS c, device AS d, now, lease FROM push_jobs, given
      WHERE due_at <= now AND leased_until <= now ORDER BY due_at LIMIT ?) AS due
WHERE user = due.u AND conversation = due.c AND device = due.d
RETURNING ${columns}, shown, tries, claim`

/** Settled rows as `s`; a claim that is another's by now changes nothing. */
const settled = `
FROM (SELECT value ->> 'user' AS u, value ->> 'conversation' AS c, value ->> 'device' AS d, value ->> 'seq' AS n,
  value ->> 'claim' AS k, value ->> 'result' AS result, value ->> 'at' AS at, value ->> 'failed' AS failed
  FROM json_each(?)) AS s
WHERE user = s.u AND conversation = s.c AND device = s.d AND claim = s.k`

const settle = `
UPDATE push_jobs SET leased_until = 0,
  shown = CASE s.result WHEN 'shown' THEN s.n WHEN 'withdrawn' THEN 0 ELSE shown END,
  tries = CASE WHEN s.result <> 'later' THEN 0 ELSE tries + s.failed END,
  mentioned = mentioned AND (s.result = 'later' OR seq > s.n),
  due_at = CASE WHEN s.result = 'later' THEN s.at WHEN seq > s.n THEN due_at END
${settled}`

/** What says nothing any more. */
const clear = `
DELETE FROM push_jobs WHERE due_at IS NULL AND shown = 0 AND (user, conversation, device) IN
  (SELECT value ->> 'user', value ->> 'conversation', value ->> 'device' FROM json_each(?))`

type Row = Omit<ClaimedJob, 'mentioned'> & { mentioned: number }

export class SqlitePushQueue implements PushQueue {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  /** Of a process that is gone: one process has the file, so nobody else holds a job. */
  async releaseAll(): Promise<void> {
    await this.#store.store([{ sql: 'UPDATE push_jobs SET leased_until = 0 WHERE leased_until > 0', params: [] }])
  }

  async add(jobs: readonly PushJob[]): Promise<void> {
    if (jobs.length > 0) await this.#store.store([{ sql: add, params: [JSON.stringify(jobs)] }])
  }

  async read(
    marks: readonly { user: UserId; conversation: ConversationId; seq: number }[],
    now: number,
  ): Promise<void> {
    if (marks.length > 0) await this.#store.store([{ sql: read, params: [now, JSON.stringify(marks)] }])
  }

  async claim(now: number, limit: number, lease: number): Promise<ClaimedJob[]> {
    // Nothing is written while nothing is due.
    const [first] = await this.#store.readRaw('SELECT 1 FROM push_jobs WHERE due_at <= ? LIMIT 1', [now])
    if (!first) return []
    const [result] = await this.#store.store([{ sql: claim, params: [now, lease, limit] }])
    const jobs = ((result?.rows ?? []) as Row[]).map((row) => ({ ...row, mentioned: row.mentioned === 1 }))
    return jobs.sort((a, b) => a.dueAt - b.dueAt)
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return
    const json = JSON.stringify(settlements)
    const statements: Statement[] = [settle, clear].map((sql) => ({ sql, params: [json] }))
    await this.#store.store(statements)
  }

  async forget(user: UserId, device: DeviceId): Promise<void> {
    await this.#store.store([{ sql: 'DELETE FROM push_jobs WHERE user = ? AND device = ?', params: [user, device] }])
  }

  async shown(after: string | undefined, limit: number): Promise<{ jobs: PushJob[]; next: string | undefined }> {
    const [user, conversation, device] = after === undefined ? ['', '', ''] : (JSON.parse(after) as string[])
    const rows = await this.#store.read<Row>(
      `SELECT ${columns}, shown FROM push_jobs WHERE (user, conversation, device) > (?, ?, ?)
       ORDER BY user, conversation, device LIMIT ?`,
      [user ?? '', conversation ?? '', device ?? '', limit],
    )
    const last = rows.length < limit ? undefined : rows.at(-1)
    return {
      jobs: rows
        .filter(({ shown, dueAt }) => shown > 0 && dueAt === null)
        .map((row) => ({ ...row, mentioned: row.mentioned === 1, dueAt: 0 })),
      next: last && JSON.stringify([last.user, last.conversation, last.device]),
    }
  }

  async position(): Promise<string | undefined> {
    const [row] = await this.#store.readRaw<[string]>("SELECT value FROM marks WHERE name = 'push'", [])
    return row?.[0]
  }

  async keepPosition(position: string): Promise<void> {
    await this.#store.store([
      { sql: "INSERT OR REPLACE INTO marks (name, value) VALUES ('push', ?)", params: [position] },
    ])
  }

  async state(now: number): Promise<PushQueueState> {
    const [row] = await this.#store.readRaw<[number, number | null]>(
      'SELECT count(*), min(due_at) FROM push_jobs WHERE due_at <= ?',
      [now],
    )
    return { due: row?.[0] ?? 0, oldest: row?.[1] ?? undefined }
  }
}
