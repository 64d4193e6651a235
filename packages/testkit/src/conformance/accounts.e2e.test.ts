import type { Device, InboxPage, SessionAnswer, SyncAnswer, User } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawApi } from '../raw-api.ts'
import { type Person, World } from './world.ts'

let world: World
let anonymous: RawApi
beforeAll(async () => {
  world = await World.start()
  anonymous = new RawApi(world.url)
})
afterAll(() => world.stop())

const device = { name: 'test' }
const name = () => `u${Math.random().toString(36).slice(2, 12)}`

describe('accounts', () => {
  it('registers: usernames are folded, checked and taken once', async () => {
    const username = name()
    const answer = await anonymous.request<SessionAnswer>('POST', '/v1/accounts', {
      username: username.toUpperCase(),
      password: 'long enough',
      device,
    })
    expect(answer.status).toBe(201)
    expect(answer.body.user).toMatchObject({ username, displayName: username })
    expect(answer.body.device).toMatchObject({ name: 'test', current: true })
    const again = await anonymous.request('POST', '/v1/accounts', { username, password: 'long enough', device })
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict', status: 409 } })
    expect(again.headers.get('content-type')).toContain('application/problem+json')
    for (const [field, body] of [
      ['username', { username: 'no', password: 'long enough', device }],
      ['username', { username: 'has space', password: 'long enough', device }],
      ['password', { username: name(), password: 'short', device }],
      ['device', { username: name(), password: 'long enough' }],
      ['device.name', { username: name(), password: 'long enough', device: {} }],
    ] as const) {
      expect(await anonymous.request('POST', '/v1/accounts', body)).toMatchObject({
        status: 400,
        body: { code: 'invalid', field },
      })
    }
  })

  it('the same answer for an unknown user and a wrong password', async () => {
    const person = await world.person()
    const wrong = await anonymous.request('POST', '/v1/sessions', {
      username: person.username,
      password: 'wrong password',
      device,
    })
    const unknown = await anonymous.request('POST', '/v1/sessions', {
      username: name(),
      password: 'wrong password',
      device,
    })
    expect(wrong.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
  })

  it('C5: the eleventh device removes the one unseen longest', async () => {
    const person = await world.person()
    for (let i = 0; i < 10; i++) await person.secondDevice()
    const left = await person.api.request('GET', '/v1/me')
    expect(left.status).toBe(401)
    const back = await person.secondDevice()
    const { items } = await back.api.call<{ items: Device[] }>('GET', '/v1/me/devices')
    expect(items).toHaveLength(10)
    expect(items.filter((one) => one.current).map((one) => one.id)).toEqual([back.device])
  })

  it('log-out, profile, settings, password', async () => {
    const person = await world.person()
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
    const [alice, bob] = (await world.people(2)) as [Person, Person]
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
    const taken = await anonymous.request('POST', '/v1/accounts', {
      username: bob.username,
      password: 'long enough',
      device,
    })
    expect(taken.status).toBe(409)
  })

  it('a device that comes or goes is told to the others', async () => {
    const person = await world.person()
    const { cursor } = await person.api.call<SyncAnswer>('GET', '/v1/sync')
    const laptop = await person.secondDevice()
    const { updates } = await person.api.call<SyncAnswer>('GET', `/v1/sync?cursor=${cursor}&wait=5`)
    expect(updates[0]?.update).toMatchObject({ kind: 'device', added: laptop.device })
  })
})

describe('conversations', () => {
  it('one direct conversation per pair, made by either or both at once', async () => {
    const [alice, bob] = (await world.people(2)) as [Person, Person]
    const answers = await Promise.all([
      alice.api.request<{ id: string }>('PUT', `/v1/direct/${bob.user}`),
      bob.api.request<{ id: string }>('PUT', `/v1/direct/${alice.user}`),
    ])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 201])
    expect(answers[0]!.body.id).toBe(answers[1]!.body.id)
    const creator = answers[0]!.status === 201 ? alice : bob
    const peer = creator === alice ? bob : alice
    expect((await creator.api.call<InboxPage>('GET', '/v1/conversations')).items).toHaveLength(1)
    expect((await peer.api.call<InboxPage>('GET', '/v1/conversations')).items).toHaveLength(0)
    for (const [method, path, body] of [
      ['PATCH', '', { title: 'x' }],
      ['PUT', `/members/${bob.user}`, { role: 'admin' }],
      ['DELETE', `/members/${bob.user}`, undefined],
    ] as const) {
      expect(await alice.api.request(method, `/v1/conversations/${answers[0]!.body.id}${path}`, body)).toMatchObject({
        status: 400,
        body: { code: 'invalid' },
      })
    }
  })

  it('a group: opening entry, roles, hand-over, limits', async () => {
    const [owner, admin, member] = (await world.people(3)) as [Person, Person, Person]
    const made = await owner.api.request<{ id: string; head: number }>('POST', '/v1/conversations', {
      title: 'Crew',
      members: [admin.user, member.user],
    })
    expect(made).toMatchObject({ status: 201, body: { kind: 'group', title: 'Crew', head: 1, history: 'joined' } })
    const chat = made.body.id
    const [opening] = await member.api.entries(chat, 0)
    expect(opening).toMatchObject({ kind: 'conversation', seq: 1, title: 'Crew', by: owner.user })
    expect((opening as { members: object[] }).members).toHaveLength(3)
    const members = `/v1/conversations/${chat}/members`
    expect(await owner.api.request('PUT', `${members}/${admin.user}`, { role: 'admin' })).toMatchObject({
      status: 200,
      body: { role: 'admin' },
    })
    expect(await owner.api.request('PUT', `${members}/${admin.user}`, { role: 'admin' })).toMatchObject({ status: 200 })
    expect(await member.api.request('PUT', `${members}/${admin.user}`, { role: 'member' })).toMatchObject({
      status: 403,
    })
    expect(await member.api.request('PATCH', `/v1/conversations/${chat}`, { title: 'Mine' })).toMatchObject({
      status: 403,
    })
    expect(
      await admin.api.request('PATCH', `/v1/conversations/${chat}`, { title: 'Ours', description: 'all of us' }),
    ).toMatchObject({ status: 200, body: { title: 'Ours', description: 'all of us' } })
    expect(await admin.api.request('PUT', `${members}/${owner.user}`, { role: 'member' })).toMatchObject({
      status: 403,
    })
    const head = (await owner.api.call<{ head: number }>('GET', `/v1/conversations/${chat}`)).head
    expect(head).toBe(3)
    expect(await owner.api.request('DELETE', `${members}/${owner.user}`)).toMatchObject({ status: 204 })
    expect((await owner.api.request('GET', `/v1/conversations/${chat}`)).status).toBe(404)
    const { items } = await admin.api.call<{ items: { user: string; role: string }[] }>('GET', members)
    expect(items.find((one) => one.user === admin.user)?.role).toBe('owner')
    expect(await admin.api.request('PUT', `${members}/nobody`, {})).toMatchObject({ status: 404 })
    const settings = await member.api.request('PATCH', `/v1/conversations/${chat}/membership`, {
      pinned: true,
      mutedUntil: 5,
    })
    expect(settings).toMatchObject({ status: 200, body: { pinned: true, mutedUntil: 5 } })
    const own = { user: member.user, role: 'member', joinedSeq: 1, read: 0, pinned: true, mutedUntil: 5 }
    expect((await member.api.call<InboxPage>('GET', '/v1/conversations')).items[0]!.membership).toEqual(own)
    expect(await member.api.call('GET', `/v1/conversations/${chat}/membership`)).toEqual(own)
  })

  it('C5: 150 members with the creator, not one more', async () => {
    const rows = await world.node.accounts.importUsers(151)
    const owner = new RawApi(world.url, rows[0]!.token)
    const others = rows.slice(1).map((row) => row.user)
    expect(await owner.request('POST', '/v1/conversations', { title: 'many', members: others })).toMatchObject({
      status: 422,
      body: { code: 'limit_reached' },
    })
    const chat = await owner.group('many', others.slice(0, 149))
    expect(await owner.request('PUT', `/v1/conversations/${chat.id}/members/${others[149]}`, {})).toMatchObject({
      status: 422,
    })
  })

  it('rejoining opens a new interval; the inbox pages newest activity first', async () => {
    const [owner, member] = (await world.people(2)) as [Person, Person]
    const chat = await owner.api.group('in and out', [member.user])
    const path = `/v1/conversations/${chat.id}/members/${member.user}`
    await owner.api.call('DELETE', path)
    await owner.api.call('POST', `/v1/conversations/${chat.id}/messages`, {
      clientMessageId: 'a',
      content: { text: 'unseen' },
    })
    expect(await owner.api.request('PUT', path, {})).toMatchObject({ status: 201, body: { joinedSeq: 4 } })
    const page = await member.api.call<{ items: object[] }>('GET', `/v1/conversations/${chat.id}/messages`)
    expect(page.items).toEqual([])
    for (let i = 0; i < 4; i++) await owner.api.group(`g${i}`, [])
    const titles: (string | undefined)[] = []
    let next: string | undefined = ''
    while (next !== undefined) {
      const inbox: InboxPage = await owner.api.call('GET', `/v1/conversations?limit=2${next ? `&cursor=${next}` : ''}`)
      titles.push(...inbox.items.map((item) => item.conversation.title))
      next = inbox.next
    }
    expect(titles).toEqual(['g3', 'g2', 'g1', 'g0', 'in and out'])
  })

  it('search finds what I may read, at once', async () => {
    const [alice, bob, carol] = (await world.people(3)) as [Person, Person, Person]
    const chat = await alice.api.direct(bob.user)
    await alice.api.call('POST', `/v1/conversations/${chat.id}/messages`, {
      clientMessageId: 'a',
      content: { text: 'the quick brown fox' },
    })
    const find = (person: Person) =>
      person.api.call<{ items: { seq: number }[] }>('GET', '/v1/search?query=brown%20qui')
    expect((await find(bob)).items).toMatchObject([{ seq: 1, content: { text: 'the quick brown fox' } }])
    expect((await find(carol)).items).toEqual([])
    await alice.api.call('DELETE', `/v1/conversations/${chat.id}/messages/1?for=everyone`)
    expect((await find(bob)).items).toEqual([])
  })
})
