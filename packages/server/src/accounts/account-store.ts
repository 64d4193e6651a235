import type { DeviceId, UserId, UserSettings } from '@parley/protocol'

export interface Account {
  id: UserId
  /** Case-folded; '' once deleted. */
  username: string
  displayName: string
  avatar: string | undefined
  /** PHC string; undefined: nobody can log in with a password. */
  password: string | undefined
  settings: UserSettings
  createdAt: number
  /** ms; set once, by deletion. */
  deletedAt: number | undefined
}

export interface StoredDevice {
  id: DeviceId
  user: UserId
  /** SHA-256 of the token, in hex. */
  tokenHash: string
  name: string
  platform: string | undefined
  createdAt: number
  /** ms, gathered. */
  lastSeenAt: number
}

export interface AccountChange extends Partial<Pick<Account, 'displayName' | 'avatar' | 'password'>> {
  /** Merged field by field, so that two devices can change two settings at once; null takes one away. */
  settings?: SettingsPatch
}

export type SettingsPatch = { [Name in keyof UserSettings]: UserSettings[Name] | null }

/**
 * Port: users, devices, blocks. Everything of a user is found by the user's id; usernames and token hashes are looked
 * up on their own, so that users can be spread over several databases. No write spans two users.
 * Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface AccountStore {
  /**
   * Reserves the username and inserts; false when the name belongs to somebody else, or ever did. Where the two are
   * not one step, a reservation whose account never came may be given to another after an hour.
   */
  create(account: Account): Promise<boolean>
  byIds(ids: readonly UserId[]): Promise<Account[]>
  byUsername(username: string): Promise<Account | undefined>
  /** Accounts that are not deleted whose username begins with `prefix`, in order of it. */
  search(prefix: string, limit: number): Promise<Account[]>
  /** Nothing for an account that was erased. */
  change(user: UserId, change: AccountChange): Promise<void>
  /** Empties names, password and settings; devices and blocks go. The username stays reserved. */
  erase(user: UserId, at: number): Promise<void>
  /** Nothing for an account that was erased: a log-in that was on its way opens nothing. */
  addDevice(device: StoredDevice): Promise<void>
  deviceByToken(tokenHash: string): Promise<StoredDevice | undefined>
  devices(user: UserId): Promise<StoredDevice[]>
  removeDevices(user: UserId, devices: readonly DeviceId[]): Promise<void>
  seen(devices: readonly { id: DeviceId; user: UserId; at: number }[]): Promise<void>
  block(blocker: UserId, blocked: UserId): Promise<void>
  unblock(blocker: UserId, blocked: UserId): Promise<void>
  /** Whom `user` has blocked. */
  blocks(user: UserId): Promise<UserId[]>
  /** Many accounts with one device each, as fast as can be. A row whose username is another's is left out. */
  importAll(rows: readonly { account: Account; device: StoredDevice }[]): Promise<void>
}
