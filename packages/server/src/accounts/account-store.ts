import type { UserId, UserSettings } from '@parley/protocol'

/** Nobody may come in with the account until it is taken away. */
export interface Suspension {
  /** ms. */
  at: number
  reason: string
  /** The operator; '' from the command line. */
  by: UserId
}

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
  suspension: Suspension | undefined
  /** May operate the whole service (rule O1). */
  operator: boolean
}

export interface AccountChange
  extends Partial<Pick<Account, 'displayName' | 'avatar' | 'password' | 'suspension' | 'operator'>> {
  /** Merged field by field, so that two devices can change two settings at once; null takes one away. */
  settings?: SettingsPatch
}

export type SettingsPatch = { [Name in keyof UserSettings]: UserSettings[Name] | null }

/**
 * Port: users. Everything of a user, devices and blocks too, is found by the user's id; usernames are looked up on
 * their own, so that users can be spread over several databases. No write spans two users.
 * Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface AccountStore {
  /**
   * Reserves the username and inserts; false when the name belongs to somebody else, or ever did. Where the two are
   * not one step, a reservation whose account never came may be given to another after an hour.
   */
  create(account: Account): Promise<boolean>
  /** As `create`, for many, as fast as can be. */
  createAll(accounts: readonly Account[]): Promise<boolean[]>
  byIds(ids: readonly UserId[]): Promise<Account[]>
  byUsername(username: string): Promise<Account | undefined>
  /** Accounts that are not deleted whose username begins with `prefix`, in order of it, behind the name `after`. */
  search(prefix: string, limit: number, after?: string): Promise<Account[]>
  /** All operators, in no order. They are few. */
  operators(): Promise<Account[]>
  /** Nothing for an account that was erased. */
  change(user: UserId, change: AccountChange): Promise<void>
  /**
   * Empties names, password and settings, and what an operator gave or took; the user's blocks go with them, and the devices, which are noted as revoked
   * (`account_deleted`). The username stays reserved.
   */
  erase(user: UserId, at: number): Promise<void>
}
