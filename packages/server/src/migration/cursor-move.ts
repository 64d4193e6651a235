import type { UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import { Turns } from '../lib/turns.ts'
import type { QueueExport } from '../sync/queue-move.ts'
import type { DeviceCursor, SyncQueue } from '../sync/sync-queue.ts'
import { Comparison, type Move } from './move.ts'

const usersAtOnce = 32

/** How far each device has acknowledged. */
export class CursorMove implements Move {
  readonly kind = 'cursors'
  readonly keysAre = 'users'
  readonly #source
  readonly #target

  constructor(source: QueueExport, target: Pick<SyncQueue, 'cursors' | 'saveCursors' | 'removeCursor'>) {
    this.#source = source
    this.#target = target
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfUsers(after, limit)
  }

  async copy(users: readonly UserId[]): Promise<number> {
    const cursors = await this.#source.cursors(users)
    await this.#target.saveCursors(cursors)
    const here = new Set(cursors.map(({ device }) => device))
    for (const { user, device } of await this.#there(users)) {
      if (!here.has(device)) await this.#target.removeCursor(user, device)
    }
    return cursors.length
  }

  async compare(users: readonly UserId[]): Promise<Map<string, Comparison>> {
    const comparisons = new Map(users.map((user) => [user, new Comparison()]))
    const [here, there] = await Promise.all([this.#source.cursors(users), this.#there(users)])
    for (const cursor of here) comparisons.get(cursor.user)?.source.add(cursor)
    for (const cursor of there) comparisons.get(cursor.user)?.target.add(cursor)
    return comparisons
  }

  async #there(users: readonly UserId[]): Promise<DeviceCursor[]> {
    const turns = new Turns(usersAtOnce)
    return (await Promise.all(users.map((user) => turns.take(() => this.#target.cursors(user))))).flat()
  }
}
