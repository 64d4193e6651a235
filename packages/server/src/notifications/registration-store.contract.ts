import type { PushRegistration } from '@parley/protocol'
import { expect } from 'vitest'
import { type AccountNode, created, device as deviceOf, withDevices } from '../accounts/fixtures.contract.ts'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { PushNode } from './fixtures.contract.ts'

const fcm = (token: string): PushRegistration => ({ provider: 'fcm', token })

export const registrationStoreRules: Rules<PushNode & AccountNode> = {
  'a device has one registration, the last': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, devices } = await withDevices(node)
    const [device, second] = devices.map(({ id }) => id).sort() as [string, string]
    await retry(() => node.registrations.set({ user, device, registration: fcm('a') }))
    await retry(() => other.registrations.set({ user, device, registration: fcm('b') }))
    await retry(() => node.registrations.set({ user, device: second, registration: fcm('c') }))
    const found = await retry(() => other.registrations.of([user, unique('nobody')]))
    expect(found.toSorted((a, b) => (a.device < b.device ? -1 : 1))).toEqual([
      { user, device, registration: fcm('b') },
      { user, device: second, registration: fcm('c') },
    ])
  },

  'one that was replaced meanwhile is not removed': async (stores) => {
    const node = await stores.node(1)
    const { registrations } = node
    const { user, devices } = await withDevices(node)
    const device = devices[0].id
    const keys = { p256dh: 'BPublicKey', auth: 'secret' }
    const registration: PushRegistration = {
      provider: 'webpush',
      subscription: { endpoint: 'https://a.example/1', keys },
    }
    const reordered = {
      subscription: { keys: { auth: 'secret', p256dh: 'BPublicKey' }, endpoint: 'https://a.example/1' },
      provider: 'webpush',
    } as PushRegistration
    await retry(() => registrations.set({ user, device, registration }))
    await retry(() => registrations.remove(user, device, fcm('other')))
    expect(await registrations.of([user])).toEqual([{ user, device, registration }])
    await retry(() => registrations.remove(user, device, reordered))
    expect(await registrations.of([user])).toEqual([])
    await retry(() => registrations.set({ user, device, registration }))
    await retry(() => registrations.remove(user, device))
    expect(await registrations.of([user])).toEqual([])
  },

  'of a device that was logged out there is none': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, devices } = await withDevices(node)
    for (const { id } of devices) await retry(() => node.registrations.set({ user, device: id, registration: fcm(id) }))
    await retry(() => other.devices.remove(user, [devices[0].id], 'logged_out'))
    expect((await node.registrations.of([user])).map(({ device }) => device)).toEqual([devices[1].id])
  },

  'registrations of many users are found together': async (stores) => {
    const node = await stores.node(1)
    const { registrations } = node
    const made = await Promise.all(Array.from({ length: 30 }, async () => deviceOf((await created(node)).id, 10)))
    await retry(() => node.devices.addAll(made))
    for (const { user, id } of made) await retry(() => registrations.set({ user, device: id, registration: fcm(id) }))
    const found = await registrations.of(made.map(({ user }) => user))
    expect(found.map(({ user }) => user).sort()).toEqual(made.map(({ user }) => user).sort())
    expect(await registrations.any()).toBe(true)
  },
}
