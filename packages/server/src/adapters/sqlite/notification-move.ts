import type { KeyPage } from '../../lib/key-page.ts'
import type { MovedJob, MovedNotifications, NotificationExport } from '../../notifications/notification-move.ts'
import type { Connection } from './connection.ts'

interface JobRow extends Omit<MovedJob, 'mentioned' | 'dueAt'> {
  mentioned: number
  dueAt: number | null
}

/** Notifications as another process may read them while the server goes on. */
export class SqliteNotificationExport implements NotificationExport {
  readonly #page
  readonly #read

  constructor(database: Connection) {
    const page = database
      .prepare<[string, string, number], string>(
        `SELECT user FROM push_registrations WHERE user > ? UNION SELECT user FROM push_jobs WHERE user > ?
         ORDER BY user LIMIT ?`,
      )
      .pluck()
    this.#page = (after: string, limit: number) => page.all(after, after, limit)
    const registrations = database.prepare<[string], MovedNotifications['registrations'][number]>(
      'SELECT device, registration FROM push_registrations WHERE user = ? ORDER BY device',
    )
    const jobs = database.prepare<[string], JobRow>(
      `SELECT device, conversation, seq, position, mentioned, due_at AS dueAt, shown, tries FROM push_jobs
       WHERE user = ? ORDER BY conversation, device`,
    )
    this.#read = database.transaction((users: readonly string[]): MovedNotifications[] =>
      users.map((user) => ({ user, registrations: registrations.all(user), jobs: jobs.all(user).map(toJob) })),
    )
  }

  async pageOfUsers(after: string | undefined, limit: number): Promise<KeyPage> {
    const keys = this.#page(after ?? '', limit)
    return { keys, next: keys.length === limit ? keys.at(-1) : undefined }
  }

  async notifications(users: readonly string[]): Promise<MovedNotifications[]> {
    return this.#read(users)
  }
}

const toJob = ({ mentioned, dueAt, ...job }: JobRow): MovedJob => ({
  ...job,
  mentioned: mentioned === 1,
  dueAt: dueAt ?? undefined,
})
