import type { UserSettings } from '@parley/protocol'
import type { Account, SettingsPatch } from '../../accounts/account-store.ts'
import { type SqlValue, storableJson } from './driver.ts'

export interface UserRow {
  id: string
  username: string
  display_name: string
  avatar: string | null
  password: string | null
  settings: UserSettings
  created_at: number
  deleted_at: number | null
}

/** In the order of `userColumns`. */
export function userValues(account: Account): (string | number | null)[] {
  const { id, username, displayName, avatar, password, settings, createdAt, deletedAt } = account
  const [picture, hash, end] = [avatar ?? null, password ?? null, deletedAt ?? null]
  return [id, username, displayName, picture, hash, storableJson(settings), createdAt, end]
}

export const userColumns = 'id, username, display_name, avatar, password, settings, created_at, deleted_at'

export function accountOf(row: UserRow): Account {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    avatar: row.avatar ?? undefined,
    password: row.password ?? undefined,
    settings: row.settings,
    createdAt: row.created_at,
    deletedAt: row.deleted_at ?? undefined,
  }
}

/** Names of settings to take away, and the rest as JSON to put over what is there. */
export function patchValues(patch: SettingsPatch = {}): [removed: string[], set: SqlValue] {
  const entries = Object.entries(patch)
  const removed = entries.filter(([, value]) => value === null).map(([name]) => name)
  const set = Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined))
  return [removed, storableJson(set)]
}
