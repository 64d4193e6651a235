import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { StoredDevice } from './account-store.ts'
import { type AccountNode, account, created } from './fixtures.contract.ts'

function device(user: string, createdAt: number, more: Partial<StoredDevice> = {}): StoredDevice {
  const id = unique('d')
  const tokenHash = unique('hash')
  return { id, user, tokenHash, name: 'phone', platform: undefined, createdAt, lastSeenAt: createdAt, ...more }
}

/** A user with two devices. */
async function withDevices(node: AccountNode) {
  const { id, username } = await created(node)
  const devices = [device(id, 10, { platform: 'ios' }), device(id, 20)] as const
  for (const one of [devices[1], devices[0]]) await retry(() => node.accounts.addDevice(one))
  return { user: id, username, devices }
}

export const accountDeviceRules: Rules<AccountNode> = {
  'devices are listed oldest first, and found by the hash of their token': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, devices } = await withDevices(node)
    expect(await retry(() => other.accounts.devices(user))).toEqual(devices)
    for (const one of devices) expect(await retry(() => other.accounts.deviceByToken(one.tokenHash))).toEqual(one)
    expect(await retry(() => node.accounts.deviceByToken(unique('hash')))).toBeUndefined()
    await retry(() => node.accounts.addDevice(devices[0]))
    expect(await retry(() => node.accounts.devices(user))).toEqual(devices)
  },

  'a removed device is found no more; another user’s stays': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [mine, theirs] = [await withDevices(node), await withDevices(node)]
    const [kept, gone] = mine.devices
    for (let i = 0; i < 2; i++) {
      await retry(() => node.accounts.removeDevices(mine.user, [gone.id, theirs.devices[0].id, unique('d')]))
      expect(await retry(() => other.accounts.devices(mine.user))).toEqual([kept])
      expect(await retry(() => other.accounts.deviceByToken(gone.tokenHash))).toBeUndefined()
      expect(await retry(() => other.accounts.devices(theirs.user))).toEqual(theirs.devices)
    }
    await retry(() => node.accounts.removeDevices(mine.user, []))
    expect(await retry(() => node.accounts.devices(mine.user))).toEqual([kept])
  },

  'the time a device was last seen moves forward only': async (stores) => {
    const node = await stores.node()
    const { user, devices } = await withDevices(node)
    const [{ id }] = devices
    const seenAt = async () => (await retry(() => node.accounts.devices(user)))[0]?.lastSeenAt
    await retry(() => node.accounts.seen([{ id, user, at: 500 }]))
    expect(await seenAt()).toBe(500)
    await retry(() =>
      node.accounts.seen([
        { id, user, at: 400 },
        { id: unique('d'), user, at: 900 },
      ]),
    )
    expect(await seenAt()).toBe(500)
    await retry(() => node.accounts.seen([]))
  },

  'a block has a direction, and is there once': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [a, b] = [(await created(node)).id, (await created(node)).id]
    for (let i = 0; i < 2; i++) await retry(() => node.accounts.block(a, b))
    expect(await retry(() => other.accounts.blocks(a))).toEqual([b])
    expect(await retry(() => other.accounts.blocks(b))).toEqual([])
    for (let i = 0; i < 2; i++) await retry(() => other.accounts.unblock(a, b))
    expect(await retry(() => node.accounts.blocks(a))).toEqual([])
  },

  'an erased account keeps its id and nothing else; nobody inherits its name': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, username, devices } = await withDevices(node)
    const friend = (await created(node)).id
    await retry(() => node.accounts.block(user, friend))
    await retry(() => node.accounts.block(friend, user))
    for (const at of [700, 900]) await retry(() => node.accounts.erase(user, at))
    const [left] = await retry(() => other.accounts.byIds([user]))
    expect(left).toMatchObject({ id: user, username: '', displayName: '', settings: {}, deletedAt: 700 })
    expect([left?.avatar, left?.password]).toEqual([undefined, undefined])
    expect(await retry(() => other.accounts.byUsername(username))).toBeUndefined()
    expect(await retry(() => other.accounts.byUsername(''))).toBeUndefined()
    expect(await retry(() => other.accounts.search(username, 5))).toEqual([])
    expect(await retry(() => other.accounts.devices(user))).toEqual([])
    expect(await retry(() => other.accounts.deviceByToken(devices[0].tokenHash))).toBeUndefined()
    for (const one of [user, friend]) expect(await retry(() => other.accounts.blocks(one))).toEqual([])
    expect(await retry(() => other.accounts.create(account(username)))).toBe(false)
  },

  'what was on its way while the account was erased changes nothing any more': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user } = await withDevices(node)
    await retry(() => node.accounts.erase(user, 700))
    const late = device(user, 800)
    await retry(() => other.accounts.change(user, { displayName: 'back again', password: '$argon2id$late' }))
    await retry(() => other.accounts.addDevice(late))
    const [left] = await retry(() => node.accounts.byIds([user]))
    expect([left?.displayName, left?.password]).toEqual(['', undefined])
    expect(await retry(() => node.accounts.deviceByToken(late.tokenHash))).toBeUndefined()
  },

  'imports many accounts with their devices': async (stores) => {
    const node = await stores.node()
    const rows = Array.from({ length: 1203 }, (_, index) => {
      const one = account(unique('i'))
      return { account: one, device: device(one.id, index) }
    })
    await retry(() => node.accounts.importAll(rows))
    const found = await retry(() => node.accounts.byIds(rows.map((row) => row.account.id)))
    expect(new Map(found.map((one) => [one.id, one]))).toEqual(
      new Map(rows.map((row) => [row.account.id, row.account])),
    )
    for (const row of [rows[0], rows.at(-1)]) {
      expect(await retry(() => node.accounts.deviceByToken(row?.device.tokenHash ?? ''))).toEqual(row?.device)
    }
    await retry(() => node.accounts.importAll([]))
  },

  'an import may be repeated, and takes nobody’s name': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const owner = await created(node)
    const thief = account(owner.username)
    const fresh = account(unique('i'))
    const rows = [thief, fresh].map((one) => ({ account: one, device: device(one.id, 1) }))
    for (let i = 0; i < 2; i++) {
      await retry(() => node.accounts.importAll(rows))
      expect(await retry(() => other.accounts.byUsername(owner.username))).toEqual(owner)
      expect(await retry(() => other.accounts.byIds([thief.id, fresh.id]))).toEqual([fresh])
      expect(await retry(() => other.accounts.devices(thief.id))).toEqual([])
      expect(await retry(() => other.accounts.devices(fresh.id))).toEqual([rows[1]?.device])
    }
  },
}
