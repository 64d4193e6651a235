import type { UserSettings } from '@parley/protocol'
import type { Account, SettingsPatch, Suspension } from '../../accounts/account-store.ts'
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
  suspension: Suspension | null
  operator: boolean
}

/** In the order of `userColumns`. */
export function userValues(account: Account): (string | number | null)[] {
  const { id, username, displayName, avatar, password, settings, createdAt, deletedAt, suspension, operator } = account
  const [picture, hash, end] = [avatar ?? null, password ?? null, deletedAt ?? null]
  const given = [suspension ? storableJson(suspension) : null, String(operator)]
  return [id, username, displayName, picture, hash, storableJson(settings), createdAt, end, ...given]
}

export const userColumns =
  'id, username, display_name, avatar, password, settings, created_at, deleted_at, suspension, operator'
/** The same as arrays of their types. */
export const userArrays = `$1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[],
  $8::bigint[], $9::jsonb[], $10::boolean[]`
export const userWidth = 10

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
    suspension: row.suspension ?? undefined,
    operator: row.operator,
  }
}

/** Names of settings to take away, and the rest as JSON to put over what is there. */
export function patchValues(patch: SettingsPatch = {}): [removed: string[], set: SqlValue] {
  const entries = Object.entries(patch)
  const removed = entries.filter(([, value]) => value === null).map(([name]) => name)
  const set = Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined))
  return [removed, storableJson(set)]
}
