import type { UserId } from '@parley/protocol'
import type { Account } from './account-store.ts'

/** An account as it begins: without a password, shown under its username when it has no other name. */
export function newAccount(id: UserId, username: string, createdAt: number, displayName = username): Account {
  return {
    id,
    username,
    displayName,
    avatar: undefined,
    password: undefined,
    settings: {},
    createdAt,
    deletedAt: undefined,
    suspension: undefined,
    operator: false,
  }
}
