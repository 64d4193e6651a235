import type { UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { Account } from './account-store.ts'
import type { StoredDevice } from './device-store.ts'

/** A user on the way to another database, with everything that is found by the user's id. */
export interface MovedUser {
  account: Account
  /** As it is reserved; also of an erased account. */
  username: string
  /** In order of their ids, as the blocks. */
  devices: readonly StoredDevice[]
  blocked: readonly UserId[]
}

/** Port: where users come from. */
export interface AccountExport {
  users(ids: readonly UserId[]): Promise<MovedUser[]>
  pageOfUsers(after: string | undefined, limit: number): Promise<KeyPage>
}

/** Port: where users go while nobody else writes there. */
export interface AccountImport {
  /**
   * From now on these users are as given: devices and blocks that are not named are gone. Idempotent.
   * @throws Error when a username belongs to somebody else there
   */
  putUsers(users: readonly MovedUser[]): Promise<void>
  users(ids: readonly UserId[]): Promise<MovedUser[]>
}
