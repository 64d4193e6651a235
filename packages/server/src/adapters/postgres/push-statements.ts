const columns = 'user_id, conversation, device_id, seq, position, mentioned, due_at, shown, tries, claim'
const given = 'unnest($1::text[], $2::text[], $3::text[]'

/** What the push queue asks of PostgreSQL. */
export const pushStatements = {
  add: {
    name: 'push-add',
    text: `
INSERT INTO push_jobs AS job (user_id, conversation, device_id, seq, position, mentioned, due_at)
SELECT * FROM ${given}, $4::bigint[], $5::text[], $6::boolean[], $7::bigint[])
ON CONFLICT (user_id, conversation, device_id) DO UPDATE SET
  due_at = least(job.due_at, excluded.due_at),
  mentioned = job.mentioned OR excluded.mentioned,
  position = CASE WHEN excluded.seq > job.seq THEN excluded.position ELSE job.position END,
  seq = greatest(job.seq, excluded.seq)
WHERE job.due_at IS NOT NULL OR excluded.seq > job.seq`,
  },
  read: {
    name: 'push-read',
    text: `
UPDATE push_jobs AS job SET due_at = least(job.due_at, $4::bigint)
FROM ${given.replace('$3::text[]', '$3::bigint[]')}) AS mark (user_id, conversation, seq)
WHERE job.user_id = mark.user_id AND job.conversation = mark.conversation AND shown > 0 AND shown <= mark.seq`,
  },
  claim: {
    name: 'push-claim',
    text: `
WITH due AS (
  SELECT user_id, conversation, device_id FROM push_jobs
  WHERE due_at <= $1::bigint AND leased_until <= $1::bigint ORDER BY due_at LIMIT $2::int FOR UPDATE SKIP LOCKED
)
UPDATE push_jobs AS job SET leased_until = $1::bigint + $3::bigint, claim = claim + 1 FROM due
WHERE (job.user_id, job.conversation, job.device_id) = (due.user_id, due.conversation, due.device_id)
RETURNING ${columns.replaceAll(/(user_id|conversation|device_id)/g, 'job.$1')}`,
  },
  settle: {
    name: 'push-settle',
    text: `
UPDATE push_jobs AS job SET leased_until = 0,
  shown = CASE s.result WHEN 'shown' THEN s.seq WHEN 'withdrawn' THEN 0 ELSE job.shown END,
  tries = CASE WHEN s.result <> 'later' THEN 0 ELSE job.tries + s.failed END,
  mentioned = job.mentioned AND (s.result = 'later' OR job.seq > s.seq),
  due_at = CASE WHEN s.result = 'later' THEN s.at WHEN job.seq > s.seq THEN job.due_at END
FROM ${given}, $4::bigint[], $5::int[], $6::text[], $7::bigint[], $8::int[])
  AS s (user_id, conversation, device_id, seq, claim, result, at, failed)
WHERE (job.user_id, job.conversation, job.device_id) = (s.user_id, s.conversation, s.device_id) AND job.claim = s.claim`,
  },
  /** What says nothing any more. */
  clear: {
    name: 'push-clear',
    text: `
DELETE FROM push_jobs AS job USING ${given}) AS s (user_id, conversation, device_id)
WHERE (job.user_id, job.conversation, job.device_id) = (s.user_id, s.conversation, s.device_id)
  AND job.due_at IS NULL AND job.shown = 0`,
  },
  forget: { name: 'push-forget', text: 'DELETE FROM push_jobs WHERE user_id = $1 AND device_id = $2' },
  page: {
    name: 'push-page',
    text: `SELECT ${columns} FROM push_jobs WHERE (user_id, conversation, device_id) > ($1, $2, $3)
ORDER BY user_id, conversation, device_id LIMIT $4`,
  },
  state: {
    name: 'push-state',
    text: 'SELECT count(*)::int AS due, min(due_at) AS oldest FROM push_jobs WHERE due_at <= $1',
  },
} as const
