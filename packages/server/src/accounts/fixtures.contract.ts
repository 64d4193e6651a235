import { expect } from 'vitest'
import { retry, unique } from '../lib/stores.contract.ts'
import type { Account, AccountStore } from './account-store.ts'
import type { BlockStore } from './block-store.ts'
import type { DeviceStore, StoredDevice } from './device-store.ts'

/** The user service's stores, over one database. */
export interface AccountNode {
  accounts: AccountStore
  devices: DeviceStore
  blocks: BlockStore
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
    suspension: undefined,
    operator: false,
    ...more,
  }
}

/** A new user in the store. */
export async function created({ accounts }: AccountNode, more: Partial<Account> = {}): Promise<Account> {
  const made = account(unique('name'), more)
  expect(await retry(() => accounts.create(made))).toBe(true)
  return made
}

export function device(user: string, createdAt: number, more: Partial<StoredDevice> = {}): StoredDevice {
  const id = unique('d')
  const tokenHash = unique('hash')
  return { id, user, tokenHash, name: 'phone', platform: undefined, createdAt, lastSeenAt: createdAt, ...more }
}

/** A user with two devices. */
export async function withDevices(node: AccountNode) {
  const { id, username } = await created(node)
  const devices = [device(id, 10, { platform: 'ios' }), device(id, 20)] as const
  for (const one of [devices[1], devices[0]]) await retry(() => node.devices.add(one))
  return { user: id, username, devices }
}
