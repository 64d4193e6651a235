import type { Conversation, EventFrame, InboxPage, Message, MessagePage, StarredPage, Update } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RawClient } from '../raw-client.ts'
import { type Person, World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

const text = (words: string) => ({ text: words })

async function pair(): Promise<{ alice: Person; bob: Person; chat: Conversation; at: string }> {
  const [alice, bob] = (await world.people(2)) as [Person, Person]
  const chat = await alice.api.direct(bob.user)
  return { alice, bob, chat, at: `/v1/conversations/${chat.id}` }
}

async function say(person: Person, chat: { id: string }, words: string, more: object = {}): Promise<number> {
  const body = { clientMessageId: `m${crypto.randomUUID()}`, content: { ...text(words), ...more } }
  return (await person.api.call<{ seq: number }>('POST', `/v1/conversations/${chat.id}/messages`, body)).seq
}

const updatesOf = <Kind extends Update['kind']>(client: RawClient, kind: Kind) =>
  client.frames.flatMap((frame) =>
    frame.t === 'event' && frame.update.kind === kind ? [frame.update as Extract<Update, { kind: Kind }>] : [],
  )

const told = (client: RawClient, what: Partial<Update> & { kind: Update['kind'] }) =>
  client.waitFor((frame) => {
    const { update } = frame as EventFrame
    return frame.t === 'event' && Object.entries(what).every(([key, value]) => Reflect.get(update, key) === value)
  })

/** Stars are in order of their times; of one moment they are in none that is promised. */
async function anotherMillisecond(): Promise<void> {
  for (const now = Date.now(); Date.now() <= now + 1; ) await new Promise((resolve) => setImmediate(resolve))
}

describe('stars', () => {
  it('F1: a star is on all my devices and on pages of mine, and nobody else is told', async () => {
    const { alice, bob, chat, at } = await pair()
    await say(bob, chat, 'keep this')
    const laptop = await alice.secondDevice()
    const [a, l, b] = await Promise.all([alice.connect(), laptop.connect(), bob.connect()])
    const starred = await alice.api.call<Message>('PUT', `${at}/messages/1/star`, {})
    expect(starred).toMatchObject({ seq: 1, content: text('keep this'), starredAt: expect.any(Number) })
    for (const { client } of [a, l]) await told(client, { kind: 'star', target: 1, starred: true })
    const again = await alice.api.call<Message>('PUT', `${at}/messages/1/star`, {})
    expect(again.starredAt).toBe(starred.starredAt)
    const page = await laptop.api.call<MessagePage>('GET', `${at}/messages`)
    expect(page.items[0]!.starredAt).toBe(starred.starredAt)
    expect((await bob.api.call<MessagePage>('GET', `${at}/messages`)).items[0]).not.toHaveProperty('starredAt')
    await alice.api.call('DELETE', `${at}/messages/1/star`)
    await told(l.client, { kind: 'star', target: 1, starred: false })
    expect((await laptop.api.call<MessagePage>('GET', `${at}/messages`)).items[0]).not.toHaveProperty('starredAt')
    await say(alice, chat, 'the last')
    await told(b.client, { kind: 'message', seq: 2 } as Partial<Update> & { kind: 'message' })
    expect(updatesOf(b.client, 'star')).toEqual([])
  })

  it('F2: the list has the newest star first, over all conversations, page by page', async () => {
    const { alice, bob, chat, at } = await pair()
    const group = await alice.api.group('Stars', [bob.user])
    for (const words of ['one', 'two', 'three']) await say(bob, chat, words)
    const seq = await say(bob, group, 'four')
    for (const path of [`${at}/messages/2`, `/v1/conversations/${group.id}/messages/${seq}`, `${at}/messages/1`]) {
      await alice.api.call('PUT', `${path}/star`, {})
      await anotherMillisecond()
    }
    const first = await alice.api.call<StarredPage>('GET', '/v1/me/starred?limit=2')
    expect(first.items.map(({ content }) => content)).toEqual([text('one'), text('four')])
    const second = await alice.api.call<StarredPage>('GET', `/v1/me/starred?limit=2&cursor=${first.next}`)
    expect(second.items.map(({ content }) => content)).toEqual([text('two')])
    expect(second.next).toBeUndefined()
    expect((await bob.api.call<StarredPage>('GET', '/v1/me/starred')).items).toEqual([])
    expect(await alice.api.request('GET', '/v1/me/starred?cursor=x')).toMatchObject({ status: 400 })
  })

  it('F3: only what I may see can be starred, and what I may not see any more is in no list', async () => {
    const { alice, bob, chat, at } = await pair()
    await say(bob, chat, 'one')
    await say(bob, chat, 'two')
    const group = await bob.api.group('Left', [alice.user])
    const seq = await say(bob, group, 'three')
    for (const path of [`${at}/messages/1`, `${at}/messages/2`, `/v1/conversations/${group.id}/messages/${seq}`])
      await alice.api.call('PUT', `${path}/star`, {})
    expect(await alice.api.request('PUT', `${at}/messages/99/star`, {})).toMatchObject({ status: 404 })
    expect(await alice.api.request('PUT', `/v1/conversations/${group.id}/messages/1/star`, {})).toMatchObject({
      status: 404,
    })
    await bob.api.call('DELETE', `${at}/messages/1?for=everyone`)
    await alice.api.call('DELETE', `/v1/conversations/${group.id}/members/${alice.user}`)
    const { items } = await alice.api.call<StarredPage>('GET', '/v1/me/starred')
    expect(items.map((message) => message.content)).toEqual([text('two')])
    expect(await alice.api.request('PUT', `${at}/messages/1/star`, {})).toMatchObject({ status: 410 })
    await alice.api.call('DELETE', `${at}/messages/2?for=me`)
    expect((await alice.api.call<StarredPage>('GET', '/v1/me/starred')).items).toEqual([])
  })
})

describe('pins', () => {
  it('F4: any member pins; everybody is told by an entry; of more than three the oldest pin goes', async () => {
    const [ann, bob, eve] = (await world.people(3)) as [Person, Person, Person]
    const group = await ann.api.group('Pins', [bob.user])
    const at = `/v1/conversations/${group.id}`
    const { client } = await ann.connect()
    for (const words of ['a', 'b', 'c', 'd']) await say(ann, group, words)
    for (const seq of [2, 3, 4]) await bob.api.call('PUT', `${at}/pins/${seq}`, {})
    expect(await bob.api.call<Conversation>('PUT', `${at}/pins/5`, {})).toMatchObject({ pins: [3, 4, 5], head: 9 })
    expect(await ann.api.call<Conversation>('PUT', `${at}/pins/4`, {})).toMatchObject({ pins: [3, 4, 5], head: 9 })
    await told(client, { kind: 'conversation', seq: 9 } as Partial<Update> & { kind: 'conversation' })
    expect(updatesOf(client, 'conversation').at(-1)).toMatchObject({ pins: [3, 4, 5], by: bob.user })
    expect(await ann.api.request('DELETE', `${at}/pins/4`)).toMatchObject({ status: 204 })
    expect(await bob.api.call<Conversation>('GET', at)).toMatchObject({ pins: [3, 5], head: 10 })
    const inbox = await bob.api.call<InboxPage>('GET', '/v1/conversations')
    expect(inbox.items[0]!.conversation).toMatchObject({ pins: [3, 5] })
    for (const [person, seq, status] of [
      [ann, 1, 404],
      [ann, 99, 404],
      [eve, 2, 404],
    ] as const)
      expect(await person.api.request('PUT', `${at}/pins/${seq}`, {})).toMatchObject({ status })
    for (const seq of [3, 5]) await ann.api.call('DELETE', `${at}/pins/${seq}`)
    expect(await bob.api.call<Conversation>('GET', at)).not.toHaveProperty('pins')
  })

  it('F5: what is deleted for everyone is pinned no longer; nobody who is blocked pins', async () => {
    const { alice, bob, chat, at } = await pair()
    for (const words of ['a', 'b']) await say(alice, chat, words)
    for (const seq of [1, 2]) await bob.api.call('PUT', `${at}/pins/${seq}`, {})
    await alice.api.call('DELETE', `${at}/messages/1?for=everyone`)
    expect(await bob.api.call<Conversation>('GET', at)).toMatchObject({ pins: [2] })
    expect(await bob.api.request('PUT', `${at}/pins/1`, {})).toMatchObject({ status: 410 })
    await alice.api.call('PUT', `/v1/me/blocks/${bob.user}`, {})
    expect(await bob.api.request('PUT', `${at}/pins/2`, {})).toMatchObject({ status: 403 })
    expect(await bob.api.request('DELETE', `${at}/pins/2`)).toMatchObject({ status: 403 })
  })
})

describe('clearing', () => {
  it('F6: what I cleared is gone from pages, inbox, search and stars of mine, and stays for others', async () => {
    const { alice, bob, chat, at } = await pair()
    for (const words of ['old pigeon', 'older pigeon', 'kept pigeon']) await say(bob, chat, words)
    await alice.api.call('PUT', `${at}/messages/1/star`, {})
    const { client } = await (await alice.secondDevice()).connect()
    expect(await alice.api.request('POST', `${at}/clear`, { upTo: 2 })).toMatchObject({ status: 204 })
    await told(client, { kind: 'cleared', conversation: chat.id } as Partial<Update> & { kind: 'cleared' })
    expect(updatesOf(client, 'cleared')).toMatchObject([{ upTo: 2 }])
    await alice.api.call('POST', `${at}/clear`, { upTo: 1 })
    const page = await alice.api.call<MessagePage>('GET', `${at}/messages?limit=2`)
    expect(page).toMatchObject({ items: [{ seq: 3 }], from: 3, to: 3 })
    expect(page.next).toBeUndefined()
    await world.searched(async () => {
      const { items } = await alice.api.call<{ items: Message[] }>('GET', '/v1/search?query=pigeon')
      expect(items.map(({ seq }) => seq)).toEqual([3])
    })
    expect((await alice.api.call<StarredPage>('GET', '/v1/me/starred')).items).toEqual([])
    expect(
      (await alice.api.entries(chat.id, 0)).map(({ seq }) => seq),
      'the log has no holes',
    ).toEqual([1, 2, 3])
    await alice.api.call('POST', `${at}/clear`, { upTo: 99 })
    const [item] = (await alice.api.call<InboxPage>('GET', '/v1/conversations')).items
    expect(item).toMatchObject({ unread: 0, membership: { read: 3, cleared: 3 } })
    expect(item).not.toHaveProperty('lastMessage')
    expect((await bob.api.call<MessagePage>('GET', `${at}/messages`)).items).toHaveLength(3)
    await say(bob, chat, 'new')
    const [after] = (await alice.api.call<InboxPage>('GET', '/v1/conversations')).items
    expect(after).toMatchObject({ unread: 1, lastMessage: { seq: 4 } })
  })

  it('F7: what is cleared counts as read, what lies behind it stays unread', async () => {
    const { alice, bob, chat, at } = await pair()
    for (const words of ['a', 'b', 'c']) await say(bob, chat, words)
    await alice.api.call('POST', `${at}/clear`, { upTo: 2 })
    const [item] = (await alice.api.call<InboxPage>('GET', '/v1/conversations')).items
    expect(item).toMatchObject({ unread: 1, membership: { read: 2, cleared: 2 } })
  })

  it('F8: a conversation that I remove says so until it has a newer message', async () => {
    const { alice, bob, chat, at } = await pair()
    await say(bob, chat, 'a')
    const { client } = await (await alice.secondDevice()).connect()
    expect(await alice.api.call('PATCH', `${at}/membership`, { removed: 1 })).toEqual({ removed: 1 })
    await told(client, { kind: 'settings', removed: 1 } as Partial<Update> & { kind: 'settings' })
    expect(await alice.api.call('PATCH', `${at}/membership`, { removed: null })).toEqual({})
  })
})

it('F9: a forwarded message says so to everybody', async () => {
  const { alice, bob, chat, at } = await pair()
  await say(alice, chat, 'heard elsewhere', { forwarded: true })
  const page = await bob.api.call<MessagePage>('GET', `${at}/messages`)
  expect(page.items[0]!.content).toEqual({ text: 'heard elsewhere', forwarded: true })
  const body = { clientMessageId: 'nothing', content: { forwarded: true } }
  expect(await alice.api.request('POST', `${at}/messages`, body)).toMatchObject({ status: 400 })
})
