import { expect } from 'vitest'
import { retry, unique } from '../lib/stores.contract.ts'
import type { Account, AccountStore } from './account-store.ts'

export interface AccountNode {
  accounts: AccountStore
}

export function account(username: string, more: Partial<Account> = {}): Account {
  return {
    id: unique('u'),
    username,
    displayName: `Name of ${username}`,
    avatar: undefined,
    password: '$argon2id$made-up',
    settings: {},
    createdAt: 1_800_000_000_000,
    deletedAt: undefined,
    ...more,
  }
}

/** A new user in the store. */
export async function created({ accounts }: AccountNode, more: Partial<Account> = {}): Promise<Account> {
  const made = account(unique('name'), more)
  expect(await retry(() => accounts.create(made))).toBe(true)
  return made
}
