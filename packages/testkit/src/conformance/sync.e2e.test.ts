import type { Conversation, EventFrame, InboxPage, MessageUpdate, SyncAnswer } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RawClient } from '../raw-client.ts'
import { type Person, World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

async function talk(
  count: number,
): Promise<{ alice: Person; bob: Person; chat: Conversation; say: (n: number) => Promise<void> }> {
  const [alice, bob] = (await world.people(2)) as [Person, Person]
  const chat = await alice.api.direct(bob.user)
  const { client } = await alice.connect()
  let said = 0
  const say = async (n: number) => {
    const refs = Array.from({ length: n }, () => client.startSend(chat.id, `m${++said}`, { text: `${said}` }))
    for (const ref of refs) expect(await client.answerTo(ref)).toMatchObject({ t: 'ok' })
  }
  await say(count)
  return { alice, bob, chat, say }
}

const isMessage = (frame: { t: string }): frame is EventFrame & { update: MessageUpdate } =>
  frame.t === 'event' && (frame as EventFrame).update.kind === 'message'
const seqs = (client: RawClient) => client.frames.filter(isMessage).map((frame) => frame.update.seq)
const live = (frame: { t: string }) => frame.t === 'live'

describe('sync', () => {
  it('S2: the backlog, then exactly one live, then what is new; Y1: a cursor resumes behind it', async () => {
    const { bob, say } = await talk(0)
    const first = await bob.connect()
    await first.client.waitFor(live)
    await say(5)
    const third = await first.client.waitFor((frame) => isMessage(frame) && frame.update.seq === 3)
    const cursor = (third as EventFrame).pos
    first.client.ack(cursor)
    await first.client.close()
    await say(2)
    const second = await bob.connect({ cursor })
    expect(second.welcome).toMatchObject({ resume: 'ok', cursor })
    await second.client.waitFor(live)
    expect(seqs(second.client).filter((seq) => seq > 3 || !world.repeats)).toEqual([4, 5, 6, 7])
    await say(1)
    await second.client.waitFor((frame) => isMessage(frame) && frame.update.seq === 8)
    expect(second.client.frames.filter(live)).toHaveLength(1)
  })

  it('Y1: without a cursor a session starts at the head', async () => {
    const { bob } = await talk(3)
    const { client, welcome } = await bob.connect({ cursor: null })
    expect(welcome.resume).toBe('ok')
    await client.waitFor(live)
    expect(seqs(client)).toEqual(world.repeats ? [1, 2, 3] : [])
  })

  it('Y3: no more than the window is given beyond the last ack, and nothing is lost by waiting', async () => {
    const { bob, say } = await talk(1)
    const { client } = await bob.connect({ window: 4 })
    await client.waitFor(live)
    const repeated = client.frames.filter(isMessage)
    for (const { pos } of repeated) client.ack(pos)
    await say(20)
    await client.waitFor((frame) => isMessage(frame) && frame.update.seq === 5)
    await bob.api.call('GET', '/v1/me')
    expect(seqs(client).slice(repeated.length)).toEqual([2, 3, 4, 5])
    for (;;) {
      const last = client.frames.filter(isMessage).at(-1)!
      if (last.update.seq === 21) break
      const before = client.frames.length
      client.ack(last.pos)
      await client.waitFor(isMessage, before)
    }
    expect(seqs(client).slice(repeated.length)).toEqual(Array.from({ length: 20 }, (_, index) => index + 2))
  })

  it('Y3: an ack of a position that was not given is refused and moves nothing', async () => {
    const { bob, say } = await talk(0)
    const { client, welcome } = await bob.connect()
    await client.waitFor(live)
    await say(1)
    const { pos } = (await client.waitFor(isMessage)) as EventFrame
    const [epoch] = pos.split('.')
    for (const wrong of ['nonsense', '', ...(world.repeats ? [] : [`${epoch}.999999`])]) {
      const from = client.frames.length
      client.write({ t: 'ack', pos: wrong })
      expect(await client.waitFor((frame) => frame.t === 'error', from)).toMatchObject({ code: 'invalid' })
    }
    client.ack(pos)
    client.ack(pos)
    client.ack(welcome.cursor)
    const from = client.frames.length
    client.write({ t: 'ping' })
    await client.waitFor((frame) => frame.t === 'pong', from)
    expect(client.frames.slice(from).map((frame) => frame.t)).toEqual(['pong'])
  })

  it('Y4: a cursor of another epoch, unreadable or ahead of the queue is reset', async () => {
    const { bob } = await talk(2)
    const { welcome, client } = await bob.connect()
    const [epoch] = welcome.cursor.split('.')
    await client.close()
    // A dense position is one from before the cluster: behind every time.
    const ahead = world.repeats ? [] : [`${epoch}.99999999`]
    for (const cursor of ['abcdef.1', 'what', `${epoch}.x`, ...ahead]) {
      const again = await bob.connect({ cursor })
      expect(again.welcome, cursor).toMatchObject({ resume: 'reset' })
      if (!world.repeats) expect(again.welcome.cursor).toBe(welcome.cursor)
      await again.client.close()
    }
  })

  it('L1: the long poll answers at once, waits, shares the cursor, and acknowledges by passing it', async () => {
    const { alice, bob, chat, say } = await talk(0)
    const start = await bob.api.call<SyncAnswer>('GET', '/v1/sync')
    expect(start).toMatchObject({ updates: [], live: true, resume: 'ok' })
    await say(3)
    const some = await bob.api.request<SyncAnswer>('GET', `/v1/sync?cursor=${encodeURIComponent(start.cursor)}&limit=2`)
    expect(some.headers.get('cache-control')).toBe('no-store')
    expect(some.body.updates.map(({ update }) => (update as MessageUpdate).seq)).toEqual([1, 2])
    const rest = await bob.api.call<SyncAnswer>('GET', `/v1/sync?cursor=${encodeURIComponent(some.body.cursor)}`)
    expect(rest.updates.map(({ update }) => (update as MessageUpdate).seq)).toEqual([3])
    const waiting = bob.api.call<SyncAnswer>('GET', `/v1/sync?cursor=${encodeURIComponent(rest.cursor)}&wait=10`)
    await say(1)
    expect((await waiting).updates.map(({ update }) => (update as MessageUpdate).seq)).toEqual([4])
    expect(await bob.api.call<SyncAnswer>('GET', '/v1/sync?cursor=foreign.7')).toMatchObject({
      updates: [],
      resume: 'reset',
    })
    const receipts = await alice.api.call<SyncAnswer>('GET', `/v1/sync?wait=3`)
    expect(receipts.resume).toBe('ok')
    const { items } = await alice.api.call<{ items: { deliveredAt?: number }[] }>(
      'GET',
      `/v1/conversations/${chat.id}/messages?limit=1&before=4`,
    )
    await expect
      .poll(
        async () =>
          (
            await alice.api.call<{ items: { deliveredAt?: number }[] }>(
              'GET',
              `/v1/conversations/${chat.id}/messages?limit=1&before=4`,
            )
          ).items[0]?.deliveredAt,
        { timeout: 5000 },
      )
      .toBeGreaterThan(0)
    expect(items).toHaveLength(1)
  })

  it('Y6: unread is exact, on the server and in the read update of my other device', async () => {
    const { alice, bob, chat, say } = await talk(5)
    const phone = await bob.connect()
    const laptop = await (await bob.secondDevice()).connect()
    const inbox = async (person: Person) =>
      (await person.api.call<InboxPage>('GET', '/v1/conversations')).items.find(
        (item) => item.conversation.id === chat.id,
      )!
    expect((await inbox(bob)).unread).toBe(5)
    expect((await inbox(alice)).unread).toBe(0)
    await phone.client.send(chat.id, 'own', { text: 'mine' })
    expect((await inbox(bob)).unread).toBe(5)
    expect(await phone.client.request({ t: 'read', conversation: chat.id, seq: 3 })).toMatchObject({ t: 'ok' })
    const update = await laptop.client.waitFor((frame) => frame.t === 'event' && frame.update.kind === 'read')
    expect((update as EventFrame).update).toEqual({ kind: 'read', conversation: chat.id, read: 3, unread: 2, head: 6 })
    await phone.client.request({ t: 'read', conversation: chat.id, seq: 2 })
    expect(await inbox(bob)).toMatchObject({
      unread: 2,
      membership: { read: 3 },
      lastMessage: { seq: 6 },
      peer: { id: alice.user },
    })
    await say(2)
    expect((await inbox(bob)).unread).toBe(4)
    await bob.api.call('POST', `/v1/conversations/${chat.id}/read`, { seq: 9999 })
    expect(await inbox(bob)).toMatchObject({ unread: 0, membership: { read: 8 } })
  })

  it('Y7: delivered follows the first ack, read implies delivered, and only authors are told', async () => {
    const people = await world.people(3)
    const [alice, bob, carol] = people as [Person, Person, Person]
    const chat = await alice.api.group('three', [bob.user, carol.user])
    const [a, b, c] = await Promise.all(people.map((person) => person.connect()))
    await a!.client.send(chat.id, 'm', { text: 'hello' })
    const event = (await b!.client.waitFor(isMessage)) as EventFrame
    b!.client.ack(event.pos)
    const receipts = (await a!.client.waitFor(
      (frame) => frame.t === 'event' && frame.update.kind === 'receipts',
    )) as EventFrame
    expect(receipts.update).toMatchObject({ conversation: chat.id, members: [{ user: bob.user, delivered: 2 }] })
    await c!.client.request({ t: 'read', conversation: chat.id, seq: 2 })
    await a!.client.waitFor(
      (frame) =>
        frame.t === 'event' &&
        frame.update.kind === 'receipts' &&
        frame.update.members.some(
          (member) => member.user === carol.user && member.read === 2 && member.delivered === 2,
        ),
    )
    const { items } = await alice.api.call<{ items: object[] }>(
      'GET',
      `/v1/conversations/${chat.id}/messages/2/receipts`,
    )
    expect(items).toHaveLength(2)
    expect(await bob.api.request('GET', `/v1/conversations/${chat.id}/messages/2/receipts`)).toMatchObject({
      status: 403,
    })
    expect(b!.client.frames.some((frame) => frame.t === 'event' && frame.update.kind === 'receipts')).toBe(false)
  })

  it('Y2: both codecs carry the same (S1)', async () => {
    const { bob, say } = await talk(0)
    const packed = await bob.connect({ subprotocol: 'parley.1.msgpack' })
    await packed.client.waitFor(live)
    await say(2)
    await packed.client.waitFor((frame) => isMessage(frame) && frame.update.seq === 2)
    expect(seqs(packed.client)).toEqual([1, 2])
  })

  it('Y5, Y8: holes are filled from entries, which have every seq', async () => {
    const { bob, chat } = await talk(4)
    const entries = await bob.api.entries(chat.id, 1)
    expect(entries.map((entry) => entry.seq)).toEqual([2, 3, 4])
  })
})
