import type { UserId } from '@parley/protocol'
import type { MovedJob, MovedNotifications, NotificationImport } from '../../notifications/notification-move.ts'
import type { Shards } from './shards.ts'

/** Of the users in $1; what is given behind takes its place. */
const put = {
  name: 'move-notifications',
  text: `
WITH jobs AS MATERIALIZED (
  SELECT * FROM json_to_recordset($5::json) AS job (user_id text, device_id text, conversation text, seq bigint,
    position text, mentioned boolean, due_at bigint, shown bigint, tries int)
), registrations_gone AS (
  DELETE FROM push_registrations WHERE user_id = ANY($1::text[])
    AND (user_id, device_id) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))
), jobs_gone AS (
  DELETE FROM push_jobs WHERE user_id = ANY($1::text[])
    AND (user_id, device_id, conversation) NOT IN (SELECT user_id, device_id, conversation FROM jobs)
), registrations_put AS (
  INSERT INTO push_registrations (user_id, device_id, registration)
  SELECT * FROM unnest($2::text[], $3::text[], $4::text[])
  ON CONFLICT (user_id, device_id) DO UPDATE SET registration = excluded.registration
)
INSERT INTO push_jobs (user_id, device_id, conversation, seq, position, mentioned, due_at, shown, tries)
SELECT * FROM jobs
ON CONFLICT (user_id, conversation, device_id) DO UPDATE SET seq = excluded.seq, position = excluded.position,
  mentioned = excluded.mentioned, due_at = excluded.due_at, shown = excluded.shown, tries = excluded.tries`,
}
const readRegistrations = {
  name: 'moved-registrations',
  text: `SELECT user_id AS user, device_id AS device, registration FROM push_registrations
WHERE user_id = ANY($1::text[]) ORDER BY user_id, device_id`,
}
const readJobs = {
  name: 'moved-jobs',
  text: `SELECT user_id AS user, device_id AS device, conversation, seq, position, mentioned, due_at, shown, tries
FROM push_jobs WHERE user_id = ANY($1::text[]) ORDER BY user_id, conversation, device_id`,
}

interface JobRow extends Pick<MovedJob, 'device' | 'conversation' | 'position' | 'mentioned' | 'tries'> {
  user: UserId
  seq: string
  due_at: string | null
  shown: string
}

/** Brings notifications over, each user's into the user's shard. */
export class PostgresNotificationImport implements NotificationImport {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async putNotifications(all: readonly MovedNotifications[]): Promise<void> {
    for (const [{ database }, some] of this.#shards.group(all, ({ user }) => user)) {
      const registrations = some.flatMap(({ user, registrations }) => registrations.map((one) => ({ user, ...one })))
      const jobs = some.flatMap(({ user, jobs }) => jobs.map((job) => rowOf(user, job)))
      await database.run(put, [
        some.map(({ user }) => user),
        registrations.map(({ user }) => user),
        registrations.map(({ device }) => device),
        registrations.map(({ registration }) => registration),
        JSON.stringify(jobs),
      ])
    }
  }

  async notifications(users: readonly UserId[]): Promise<MovedNotifications[]> {
    const groups = this.#shards.group(users, (user) => user)
    const found = await Promise.all(
      groups.map(async ([{ database }, some]) => {
        const [registrations, jobs] = await Promise.all([
          database.run<{ user: UserId; device: string; registration: string }>(readRegistrations, [some]),
          database.run<JobRow>(readJobs, [some]),
        ])
        const [ownRegistrations, ownJobs] = [Map.groupBy(registrations, userOf), Map.groupBy(jobs, userOf)]
        return some.map((user) => ({
          user,
          registrations: (ownRegistrations.get(user) ?? []).map(({ device, registration }) => ({
            device,
            registration,
          })),
          jobs: (ownJobs.get(user) ?? []).map(toJob),
        }))
      }),
    )
    return found.flat()
  }
}

const userOf = ({ user }: { user: UserId }): UserId => user

const toJob = ({ user: _, seq, due_at, shown, ...job }: JobRow): MovedJob => ({
  ...job,
  seq: Number(seq),
  dueAt: due_at === null ? undefined : Number(due_at),
  shown: Number(shown),
})

const rowOf = (user: UserId, { device, dueAt, ...job }: MovedJob) => ({
  ...{ user_id: user, device_id: device, due_at: dueAt, ...job },
})
