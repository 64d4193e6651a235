import type { UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { MovedNotifications, NotificationExport, NotificationImport } from '../notifications/notification-move.ts'
import type { Digest } from './digest.ts'
import { Comparison, type Move } from './move.ts'

/** Registrations of devices for push, and jobs of its queue. */
export class NotificationMove implements Move {
  readonly kind = 'notifications'
  readonly keysAre = 'users'
  readonly #source
  readonly #target

  constructor(source: NotificationExport, target: NotificationImport) {
    this.#source = source
    this.#target = target
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfUsers(after, limit)
  }

  async copy(users: readonly UserId[]): Promise<number> {
    const all = await this.#source.notifications(users)
    await this.#target.putNotifications(all)
    return all.reduce((sum, { registrations, jobs }) => sum + registrations.length + jobs.length, 0)
  }

  async compare(users: readonly UserId[]): Promise<Map<string, Comparison>> {
    const comparisons = new Map(users.map((user) => [user, new Comparison()]))
    const [here, there] = await Promise.all([this.#source.notifications(users), this.#target.notifications(users)])
    for (const one of here) addTo(comparisons.get(one.user)?.source, one)
    for (const one of there) addTo(comparisons.get(one.user)?.target, one)
    return comparisons
  }
}

function addTo(digest: Digest | undefined, { registrations, jobs }: MovedNotifications): void {
  for (const registration of registrations) digest?.add(registration)
  for (const job of jobs) digest?.add(job)
}
