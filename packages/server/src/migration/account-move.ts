import type { UserId } from '@parley/protocol'
import type { AccountExport, AccountImport, MovedUser } from '../accounts/account-move.ts'
import type { KeyPage } from '../lib/key-page.ts'
import type { LastOnlineStore } from '../presence/presence-store.ts'
import type { Digest } from './digest.ts'
import { Comparison, type Move } from './move.ts'

type Times = Pick<LastOnlineStore, 'lastOnline'>

/** Users with names, passwords, settings, devices with the hashes of their tokens, blocks; when they were last online. */
export class AccountMove implements Move {
  readonly kind = 'accounts'
  readonly keysAre = 'users'
  readonly #source
  readonly #target
  readonly #times

  constructor(source: AccountExport, target: AccountImport, times: { source: Times; target: LastOnlineStore }) {
    this.#source = source
    this.#target = target
    this.#times = times
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfUsers(after, limit)
  }

  async copy(ids: readonly UserId[]): Promise<number> {
    const [users, times] = await Promise.all([this.#source.users(ids), this.#times.source.lastOnline(ids)])
    await this.#target.putUsers(users)
    await this.#times.target.saveLastOnline([...times].map(([user, at]) => ({ user, at })))
    return users.reduce((sum, { devices, blocked }) => sum + 1 + devices.length + blocked.length, 0)
  }

  async compare(ids: readonly UserId[]): Promise<Map<string, Comparison>> {
    const comparisons = new Map(ids.map((id) => [id, new Comparison()]))
    const sides = [
      ['source', this.#source, this.#times.source],
      ['target', this.#target, this.#times.target],
    ] as const
    for (const [side, store, times] of sides) {
      const [users, online] = await Promise.all([store.users(ids), times.lastOnline(ids)])
      for (const user of users) {
        const digest = comparisons.get(user.account.id)?.[side]
        if (digest) addUser(digest, user, online.get(user.account.id))
      }
    }
    return comparisons
  }
}

function addUser(digest: Digest, { account, username, devices, blocked }: MovedUser, online: number | undefined): void {
  digest.add({ account, username, online })
  for (const device of devices) digest.add({ device })
  for (const other of blocked) digest.add({ blocked: other })
}
