import type { Device, SessionAnswer, SyncAnswer, User } from '@parley/protocol'
import { expect, it } from 'vitest'
import { RawApi } from '../raw-api.ts'
import type { Person, World } from './world.ts'

const device = { name: 'test' }
const name = () => `u${Math.random().toString(36).slice(2, 12)}`

/** What the protocol says of accounts, whatever they are kept in. `world`: asked when a test runs. */
export function accountConformance(world: () => World): void {
  const anonymous = () => new RawApi(world().url)

  it('registers: usernames are folded, checked and taken once', async () => {
    const username = name()
    const answer = await anonymous().request<SessionAnswer>('POST', '/v1/accounts', {
      username: username.toUpperCase(),
      password: 'long enough',
      device,
    })
    expect(answer.status).toBe(201)
    expect(answer.body.user).toMatchObject({ username, displayName: username })
    expect(answer.body.device).toMatchObject({ name: 'test', current: true })
    const again = await anonymous().request('POST', '/v1/accounts', { username, password: 'long enough', device })
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict', status: 409 } })
    expect(again.headers.get('content-type')).toContain('application/problem+json')
    for (const [field, body] of [
      ['username', { username: 'no', password: 'long enough', device }],
      ['username', { username: 'has space', password: 'long enough', device }],
      ['password', { username: name(), password: 'short', device }],
      ['device', { username: name(), password: 'long enough' }],
      ['device.name', { username: name(), password: 'long enough', device: {} }],
    ] as const) {
      expect(await anonymous().request('POST', '/v1/accounts', body)).toMatchObject({
        status: 400,
        body: { code: 'invalid', field },
      })
    }
  })

  it('the same answer for an unknown user and a wrong password', async () => {
    const person = await world().person()
    const wrong = await anonymous().request('POST', '/v1/sessions', {
      username: person.username,
      password: 'wrong password',
      device,
    })
    const unknown = await anonymous().request('POST', '/v1/sessions', {
      username: name(),
      password: 'wrong password',
      device,
    })
    expect(wrong.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
  })

  it('C5: the eleventh device removes the one unseen longest', async () => {
    const person = await world().person()
    for (let i = 0; i < 10; i++) await person.secondDevice()
    const left = await person.api.request('GET', '/v1/me')
    expect(left.status).toBe(401)
    const back = await person.secondDevice()
    const { items } = await back.api.call<{ items: Device[] }>('GET', '/v1/me/devices')
    expect(items).toHaveLength(10)
    expect(items.filter((one) => one.current).map((one) => one.id)).toEqual([back.device])
  })

  it('log-out, profile, settings, password', async () => {
    const person = await world().person()
    const laptop = await person.secondDevice()
    expect(await laptop.api.request('DELETE', '/v1/sessions/current')).toMatchObject({ status: 204 })
    expect((await laptop.api.request('GET', '/v1/me')).status).toBe(401)
    expect(await person.api.call('PATCH', '/v1/me', { displayName: 'A Name' })).toMatchObject({ displayName: 'A Name' })
    expect(await person.api.call('PATCH', '/v1/me/settings', { readReceipts: false })).toEqual({ readReceipts: false })
    expect(await person.api.call('GET', '/v1/me/settings')).toEqual({ readReceipts: false })
    const other = await person.secondDevice()
    expect(
      await person.api.request('POST', '/v1/me/password', { current: 'wrong one here', password: 'a new password' }),
    ).toMatchObject({ status: 403 })
    expect(
      await person.api.request('POST', '/v1/me/password', { current: person.password, password: 'a new password' }),
    ).toMatchObject({ status: 204 })
    expect((await other.api.request('GET', '/v1/me')).status).toBe(401)
    expect((await person.api.request('GET', '/v1/me')).status).toBe(200)
  })

  it('search by exact or leading username; a deleted user is nameless and leaves groups', async () => {
    const [alice, bob] = (await world().people(2)) as [Person, Person]
    const found = await alice.api.call<{ items: User[] }>('GET', `/v1/users?query=${bob.username.slice(0, 6)}`)
    expect(found.items.map((user) => user.id)).toContain(bob.user)
    const chat = await bob.api.group('ours', [alice.user])
    await bob.api.call('DELETE', '/v1/me', { password: bob.password })
    expect(await alice.api.call('GET', `/v1/users/${bob.user}`)).toEqual({
      id: bob.user,
      username: '',
      displayName: '',
    })
    const { items } = await alice.api.call<{ items: { user: string; role: string }[] }>(
      'GET',
      `/v1/conversations/${chat.id}/members`,
    )
    expect(items).toMatchObject([{ user: alice.user, role: 'owner' }])
    expect((await alice.api.request('PUT', `/v1/direct/${bob.user}`)).status).toBe(404)
    const taken = await anonymous().request('POST', '/v1/accounts', {
      username: bob.username,
      password: 'long enough',
      device,
    })
    expect(taken.status).toBe(409)
  })

  it('a device that comes or goes is told to the others', async () => {
    const person = await world().person()
    const { cursor } = await person.api.call<SyncAnswer>('GET', '/v1/sync')
    const laptop = await person.secondDevice()
    const { updates } = await person.api.call<SyncAnswer>('GET', `/v1/sync?cursor=${cursor}&wait=5`)
    expect(updates[0]?.update).toMatchObject({ kind: 'device', added: laptop.device })
  })
}
