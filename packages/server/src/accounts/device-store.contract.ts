import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import { type AccountNode, account, device, withDevices } from './fixtures.contract.ts'

export const deviceStoreRules: Rules<AccountNode> = {
  'devices are listed oldest first, and found by the hash of their token': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, devices } = await withDevices(node)
    expect(await retry(() => other.devices.of(user))).toEqual(devices)
    for (const one of devices) expect(await retry(() => other.devices.byToken(one.tokenHash))).toEqual(one)
    expect(await retry(() => node.devices.byToken(unique('hash')))).toBeUndefined()
    await retry(() => node.devices.add(devices[0]))
    expect(await retry(() => node.devices.of(user))).toEqual(devices)
  },

  'a removed device is found no more; another user’s stays': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [mine, theirs] = [await withDevices(node), await withDevices(node)]
    const [kept, gone] = mine.devices
    for (let i = 0; i < 2; i++) {
      await retry(() => node.devices.remove(mine.user, [gone.id, theirs.devices[0].id, unique('d')], 'logged_out'))
      expect(await retry(() => other.devices.of(mine.user))).toEqual([kept])
      expect(await retry(() => other.devices.byToken(gone.tokenHash))).toBeUndefined()
      expect(await retry(() => other.devices.of(theirs.user))).toEqual(theirs.devices)
    }
    await retry(() => node.devices.remove(mine.user, [], 'logged_out'))
    expect(await retry(() => node.devices.of(mine.user))).toEqual([kept])
  },

  'the time a device was last seen moves forward only': async (stores) => {
    const node = await stores.node()
    const { user, devices } = await withDevices(node)
    const [{ id }] = devices
    const seenAt = async () => (await retry(() => node.devices.of(user)))[0]?.lastSeenAt
    await retry(() => node.devices.seen([{ id, user, at: 500 }]))
    expect(await seenAt()).toBe(500)
    await retry(() =>
      node.devices.seen([
        { id, user, at: 400 },
        { id: unique('d'), user, at: 900 },
      ]),
    )
    expect(await seenAt()).toBe(500)
    await retry(() => node.devices.seen([]))
  },

  'nothing is added to an account that was erased': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user } = await withDevices(node)
    await retry(() => node.accounts.erase(user, 700))
    const late = [device(user, 800), device(user, 900)] as const
    await retry(() => other.devices.add(late[0]))
    await retry(() => other.devices.addAll(late))
    for (const { tokenHash } of late) expect(await retry(() => node.devices.byToken(tokenHash))).toBeUndefined()
    expect(await retry(() => node.devices.of(user))).toEqual([])
  },

  'however a log-in and the deletion of the account meet, no device is left': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    for (let round = 0; round < 20; round++) {
      const { user } = await withDevices(node)
      const late = Array.from({ length: 4 }, () => device(user, 800))
      await Promise.all([
        ...late.map((one) => retry(() => other.devices.add(one))),
        retry(() => node.accounts.erase(user, 700)),
      ])
      expect(await retry(() => node.devices.of(user))).toEqual([])
    }
  },

  'adds many, which may be repeated': async (stores) => {
    const node = await stores.node()
    const owners = Array.from({ length: 1203 }, () => account(unique('i')))
    await retry(() => node.accounts.createAll(owners))
    const many = owners.map(({ id }, index) => device(id, index))
    for (let i = 0; i < 2; i++) {
      await retry(() => node.devices.addAll(many))
      for (const one of [many[0], many[600], many.at(-1)]) {
        expect(await retry(() => node.devices.byToken(one?.tokenHash ?? ''))).toEqual(one)
        expect(await retry(() => node.devices.of(one?.user ?? ''))).toEqual([one])
      }
    }
    await retry(() => node.devices.addAll([]))
  },
}
