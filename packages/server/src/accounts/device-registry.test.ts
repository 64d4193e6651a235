import { limits, type SessionAnswer } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { MemoryAccountStore } from '../adapters/memory/account-store.ts'
import { MemoryDeviceStore } from '../adapters/memory/device-store.ts'
import { MemoryUsers } from '../adapters/memory/users.ts'
import { unavailable } from '../lib/errors.ts'
import { hashToken } from './device-registry.ts'
import { identityOf, memoryAccounts, openAccounts, password } from './service.contract.ts'

/** A user with so many devices, a minute apart, the first one first. */
async function withDevices(count: number) {
  const node = openAccounts()
  const devices: SessionAnswer[] = [await node.register()]
  while (devices.length < count) {
    await node.clock.advance(60_000)
    devices.push(await node.logIn(devices[0]!))
  }
  return { ...node, user: devices[0]!.user.id, logins: devices }
}

describe('devices', () => {
  it('C5: the eleventh log-in removes the one unseen longest', async () => {
    const { devices, logins, clock, logIn, revoked, user } = await withDevices(limits.devices)
    await clock.advance(60_000)
    // The first one is used again, so that the second is unseen longest.
    await devices.authenticate(logins[0]!.token)
    await logIn(logins[0]!)
    expect(revoked).toEqual([[logins[1]!.device.id, 'logged_out']])
    expect(await devices.authenticate(logins[1]!.token)).toBeUndefined()
    expect(await devices.list(user, '', new Map())).toHaveLength(limits.devices)
  })

  it('C5: one that is connected is seen all the time', async () => {
    const { clock, logins, logIn, online, revoked, user } = await withDevices(limits.devices)
    online.set(user, [logins[0]!.device.id, logins[1]!.device.id])
    await clock.advance(86_400_000)
    await logIn(logins[0]!)
    expect(revoked.map(([device]) => device)).toEqual([logins[2]!.device.id])
  })

  it('C7: are listed with when and what they saw last, and which one asks', async () => {
    const { devices, logins, clock, user } = await withDevices(2)
    const [first, second] = logins.map((one) => one.device) as [SessionAnswer['device'], SessionAnswer['device']]
    await clock.advance(90_000)
    await devices.authenticate(logins[1]!.token)
    expect(await devices.list(user, second.id, new Map([[first.id, '77']]))).toEqual([
      { ...first, current: false, lastSeenMessageId: '77' },
      { id: second.id, name: 'laptop', createdAt: second.createdAt, lastSeenAt: clock.now(), current: true },
    ])
  })

  it('a removed one is told to all, at once, and its token is worth nothing', async () => {
    const { accounts, devices, logins, revoked, told, user } = await withDevices(3)
    const [first, second, third] = logins.map((one) => one.device.id) as [string, string, string]
    for (const { token } of logins) await devices.authenticate(token)
    await devices.remove(user, second)
    await accounts.logOut({ user, device: third })
    expect(revoked).toEqual([
      [second, 'logged_out'],
      [third, 'logged_out'],
    ])
    expect(told).toEqual([
      [user, { added: second }],
      [user, { added: third }],
      [user, { removed: second }],
      [user, { removed: third }],
    ])
    expect(devices.authenticate(logins[0]!.token)).toEqual({ user, device: first })
    for (const { token } of logins.slice(1)) expect(await devices.authenticate(token)).toBeUndefined()
    expect(await devices.exists({ user, device: first })).toBe(true)
    expect(await devices.exists({ user, device: second })).toBe(false)
    await expect(devices.remove(user, second)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('nobody removes, or finds, the device of another', async () => {
    const { devices, register } = openAccounts()
    const [alice, bob] = [await register(), await register()]
    await expect(devices.remove(alice.user.id, bob.device.id)).rejects.toMatchObject({ code: 'not_found' })
    expect(await devices.exists({ user: alice.user.id, device: bob.device.id })).toBe(false)
    expect(await devices.authenticate(bob.token)).toEqual(identityOf(bob))
  })

  it('a password change logs the others out, one by an operator all', async () => {
    const { accounts, devices, logins, told, user } = await withDevices(3)
    told.length = 0
    await accounts.changePassword(identityOf(logins[1]!), password, 'another long one')
    const [first, second, third] = logins.map((one) => one.device.id)
    expect(told.map(([, change]) => change)).toEqual([{ removed: first }, { removed: third }])
    expect((await devices.list(user, '', new Map())).map(({ id }) => id)).toEqual([second])
    await accounts.resetPassword(logins[0]!.user.username.toUpperCase(), 'given by the operator')
    expect(await devices.list(user, '', new Map())).toEqual([])
    await expect(accounts.resetPassword('nobody', 'given by the operator')).rejects.toMatchObject({ code: 'not_found' })
  })
})

it('a password change whose outcome is not known logs the others out all the same', async () => {
  class Losing extends MemoryAccountStore {
    override async change(...given: Parameters<MemoryAccountStore['change']>): Promise<void> {
      await super.change(...given)
      throw unavailable('the answer was lost')
    }
  }
  const users = new MemoryUsers()
  const { accounts, devices, register, logIn } = openAccounts({
    stores: { ...memoryAccounts(users), accounts: new Losing(users) },
  })
  const phone = await register()
  const laptop = await logIn(phone)
  const change = accounts.changePassword(identityOf(phone), password, 'another long one')
  await expect(change).rejects.toMatchObject({ code: 'unavailable' })
  expect(await devices.authenticate(laptop.token)).toBeUndefined()
  expect(await devices.authenticate(phone.token)).toEqual(identityOf(phone))
  await expect(logIn(phone, 'another long one')).resolves.toBeTruthy()
})

it('a log-out whose outcome is not known is told when it is asked for again, to nobody else’s device', async () => {
  class Losing extends MemoryDeviceStore {
    lost = true
    override async remove(...given: Parameters<MemoryDeviceStore['remove']>): Promise<void> {
      await super.remove(...given)
      if (this.lost) throw unavailable('the answer was lost')
    }
  }
  const users = new MemoryUsers()
  const store = new Losing(users)
  const stores = { ...memoryAccounts(users), devices: store }
  const { devices, register, logIn, revoked } = openAccounts({ stores })
  const [alice, bob] = [await register(), await register()]
  const { user, device } = identityOf(await logIn(alice))
  await expect(devices.remove(user, device)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await devices.exists({ user, device })).toBe(false)
  expect(revoked).toEqual([])
  store.lost = false
  await expect(devices.remove(bob.user.id, device)).rejects.toMatchObject({ code: 'not_found' })
  expect(revoked).toEqual([])
  await devices.remove(user, device)
  expect(revoked).toEqual([[device, 'logged_out']])
  await expect(devices.remove(user, device)).rejects.toMatchObject({ code: 'not_found' })
})

it('what another node revoked is worth nothing here, and is told as such', async () => {
  const { devices, stores, register, logIn } = openAccounts()
  const alice = await register()
  const laptop = await logIn(alice)
  const { user, device } = identityOf(laptop)
  for (const { token } of [alice, laptop]) await devices.authenticate(token)
  const heard: unknown[] = []
  devices.listen({ revoked: (revocation, where) => heard.push([revocation, where]) })
  await stores.devices.remove(user, [device], 'logged_out')
  expect(devices.authenticate(laptop.token)).toEqual({ user, device })
  const revocation = { user, device, tokenHash: hashToken(laptop.token), reason: 'logged_out' } as const
  devices.revoked(revocation)
  expect(await devices.authenticate(laptop.token)).toBeUndefined()
  expect(await devices.authenticate(alice.token)).toEqual(identityOf(alice))
  expect(heard).toEqual([[revocation, 'elsewhere']])
  await stores.devices.remove(user, [alice.device.id], 'logged_out')
  devices.forgetTokens()
  expect(await devices.authenticate(alice.token)).toBeUndefined()
})

describe('when a device was last seen', () => {
  /** Writes of the time, as they reach the store. */
  class Noting extends MemoryDeviceStore {
    readonly written: number[] = []
    away = false
    override async seen(devices: readonly { id: string; user: string; at: number }[]): Promise<void> {
      this.written.push(devices.length)
      if (this.away) throw unavailable('away')
      return super.seen(devices)
    }
  }

  async function open() {
    const users = new MemoryUsers()
    const store = new Noting(users)
    const node = openAccounts({ stores: { ...memoryAccounts(users), devices: store } })
    const [alice, bob] = [await node.register(), await node.register()]
    const use = async () => {
      for (const { token } of [alice, bob]) await node.devices.authenticate(token)
    }
    const stored = async () => (await store.of(alice.user.id))[0]!.lastSeenAt
    return { ...node, store, use, stored, registered: alice.device.createdAt }
  }

  it('is stored once a minute, for many together', async () => {
    const { clock, store, use, stored, registered } = await open()
    for (let second = 0; second < 300; second++) {
      await use()
      await clock.advance(1000)
    }
    expect(store.written).toEqual([2, 2, 2, 2])
    expect(await stored()).toBe(registered + 240_000)
  })

  it('is kept at a shutdown, and told again when the store was away', async () => {
    const { clock, devices, store, use, stored } = await open()
    await clock.advance(100_000)
    await use()
    const first = clock.now()
    await devices.flush()
    expect(await stored()).toBe(first)
    store.away = true
    await clock.advance(100_000)
    await use()
    await clock.advance(1000)
    store.away = false
    await clock.advance(60_000)
    await use()
    await clock.advance(1000)
    expect(await stored()).toBe(clock.now() - 1000)
  })
})
