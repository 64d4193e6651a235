import type { InboxPage } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawApi } from '../raw-api.ts'
import { accountConformance } from './accounts.contract.ts'
import { type Person, World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

describe('accounts', () => accountConformance(() => world))

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
    for (let i = 0; i < 4; i++) {
      await owner.api.group(`g${i}`, [])
      // Activity has a time to the millisecond: each group gets one of its own.
      for (const made = Date.now(); Date.now() === made; ) await new Promise(setImmediate)
    }
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
    await world.searched(async () =>
      expect((await find(bob)).items).toMatchObject([{ seq: 1, content: { text: 'the quick brown fox' } }]),
    )
    expect((await find(carol)).items).toEqual([])
    await alice.api.call('DELETE', `/v1/conversations/${chat.id}/messages/1?for=everyone`)
    expect((await find(bob)).items).toEqual([])
  })
})
