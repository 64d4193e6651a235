import type { Conversation, EventFrame, MessagePage, OkFrame } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Person, World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

const text = (words: string) => ({ text: words })

async function pair(): Promise<{ alice: Person; bob: Person; chat: Conversation }> {
  const [alice, bob] = (await world.people(2)) as [Person, Person]
  return { alice, bob, chat: await alice.api.direct(bob.user) }
}

async function group(size: number): Promise<{ people: Person[]; chat: Conversation }> {
  const people = await world.people(size)
  const chat = await people[0]!.api.group(
    'A group',
    people.slice(1).map((one) => one.user),
  )
  return { people, chat }
}

describe('sending', () => {
  it('D3: seq is dense and ids grow; D7: ok on the session that sent, an event on every other', async () => {
    const { alice, bob, chat } = await pair()
    const laptop = await alice.secondDevice()
    const [a, l, b] = await Promise.all([alice.connect(), laptop.connect(), bob.connect()])
    const refs = ['m1', 'm2', 'm3'].map((id) => a.client.startSend(chat.id, id, text(id)))
    const oks = (await Promise.all(refs.map((ref) => a.client.answerTo(ref)))) as OkFrame[]
    expect(oks.map((ok) => ok.seq)).toEqual([1, 2, 3])
    expect(BigInt(oks[1]!.id!) > BigInt(oks[0]!.id!)).toBe(true)
    const last = (frame: { t: string }) =>
      frame.t === 'event' &&
      (frame as EventFrame).update.kind === 'message' &&
      (frame as EventFrame & { update: { seq: number } }).update.seq === 3
    await Promise.all([b.client.waitFor(last), l.client.waitFor(last)])
    const events = (frames: readonly { t: string }[]) =>
      frames.filter(
        (frame): frame is EventFrame => frame.t === 'event' && (frame as EventFrame).update.kind === 'message',
      )
    expect(events(b.client.frames).map((event) => (event.update as { seq: number }).seq)).toEqual([1, 2, 3])
    expect(events(a.client.frames)).toEqual([])
    expect((events(l.client.frames)[0]!.update as { clientMessageId?: string }).clientMessageId).toBe('m1')
    expect(events(b.client.frames)[0]!.update).not.toHaveProperty('clientMessageId')
  })

  it('D2: the same send answers the first result; another content under its name is a conflict', async () => {
    const { alice, chat } = await pair()
    const { client } = await alice.connect()
    const first = (await client.send(chat.id, 'once', text('hello'))) as OkFrame
    expect(await client.send(chat.id, 'once', text('hello'))).toMatchObject({
      t: 'ok',
      seq: first.seq,
      id: first.id,
      sentAt: first.sentAt,
      duplicate: true,
    })
    expect(await client.send(chat.id, 'once', text('other'))).toMatchObject({ t: 'error', code: 'conflict' })
    const again = await alice.api.request('POST', `/v1/conversations/${chat.id}/messages`, {
      clientMessageId: 'once',
      content: text('hello'),
    })
    expect(again).toMatchObject({ status: 200, body: { seq: first.seq, duplicate: true } })
    const fresh = await alice.api.request('POST', `/v1/conversations/${chat.id}/messages`, {
      clientMessageId: 'twice',
      content: text('hello'),
    })
    expect(fresh).toMatchObject({ status: 201, body: { seq: 2, conversation: chat.id } })
  })

  it('D2: a retry is answered though the sender was removed and the message deleted meanwhile', async () => {
    const { people, chat } = await group(3)
    const [owner, member] = people as [Person, Person, Person]
    const { client } = await member.connect()
    const first = (await client.send(chat.id, 'mine', text('hello'))) as OkFrame
    await owner.api.call('DELETE', `/v1/conversations/${chat.id}/messages/${first.seq}?for=everyone`)
    await owner.api.call('DELETE', `/v1/conversations/${chat.id}/members/${member.user}`)
    expect(await client.send(chat.id, 'mine', text('hello'))).toMatchObject({
      t: 'ok',
      seq: first.seq,
      duplicate: true,
    })
    expect(await client.send(chat.id, 'new', text('hello'))).toMatchObject({ t: 'error', code: 'not_found' })
  })

  it('D4: edits, deletions and reactions are entries; history shows them applied', async () => {
    const { alice, bob, chat } = await pair()
    const [a, b] = await Promise.all([alice.connect(), bob.connect()])
    await a.client.send(chat.id, 'm1', text('teh'))
    await a.client.send(chat.id, 'm2', text('secret'))
    expect(await a.client.request({ t: 'edit', conversation: chat.id, seq: 1, content: text('the') })).toMatchObject({
      t: 'ok',
      seq: 3,
    })
    expect(await b.client.request({ t: 'react', conversation: chat.id, seq: 1, emoji: '👍' })).toMatchObject({
      t: 'ok',
      seq: 4,
    })
    expect(await a.client.request({ t: 'delete', conversation: chat.id, seq: 2, for: 'everyone' })).toMatchObject({
      t: 'ok',
      seq: 5,
    })
    const page = await bob.api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages`)
    expect(page.items.map((message) => message.seq)).toEqual([1, 2])
    expect(page.items[0]).toMatchObject({ content: { text: 'the' }, reactions: { '👍': [bob.user] } })
    expect(page.items[0]!.editedAt).toBeGreaterThan(0)
    expect(page.items[1]!.deletedAt).toBeGreaterThan(0)
    expect(JSON.stringify(page)).not.toContain('secret')
    expect(page).toMatchObject({ from: 1, to: 5 })
    expect(await b.client.request({ t: 'edit', conversation: chat.id, seq: 1, content: text('mine') })).toMatchObject({
      code: 'forbidden',
    })
    expect(await a.client.request({ t: 'edit', conversation: chat.id, seq: 2, content: text('again') })).toMatchObject({
      code: 'gone',
    })
    expect(await a.client.request({ t: 'react', conversation: chat.id, seq: 99, emoji: '👍' })).toMatchObject({
      code: 'not_found',
    })
    const entries = await bob.api.entries(chat.id, 0)
    expect(entries.map((entry) => entry.kind)).toEqual(['message', 'message', 'edit', 'reaction', 'delete'])
    expect(JSON.stringify(entries)).not.toContain('secret')
  })

  it('D4: deleted for me is gone for my devices and stays for others', async () => {
    const { alice, bob, chat } = await pair()
    const [a, b] = await Promise.all([alice.connect(), bob.connect()])
    await a.client.send(chat.id, 'm1', text('hello'))
    expect(await b.client.request({ t: 'delete', conversation: chat.id, seq: 1, for: 'me' })).toMatchObject({ t: 'ok' })
    await b.client.waitFor((frame) => frame.t === 'event' && frame.update.kind === 'hidden')
    expect((await bob.api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages`)).items).toEqual([])
    expect((await alice.api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages`)).items).toHaveLength(1)
  })

  it('D5: a member receives from the entry that added them to the one that removed them; then nothing is found', async () => {
    const { people, chat } = await group(2)
    const [owner, other] = people as [Person, Person]
    const late = await world.person()
    const { client } = await owner.connect()
    await client.send(chat.id, 'before', text('before'))
    const l = await late.connect()
    await owner.api.call('PUT', `/v1/conversations/${chat.id}/members/${late.user}`, {})
    await client.send(chat.id, 'between', text('between'))
    const seen = await late.api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages`)
    expect(seen.items.map((message) => message.content)).toEqual([{ text: 'between' }])
    await owner.api.call('DELETE', `/v1/conversations/${chat.id}/members/${late.user}`)
    await client.send(chat.id, 'after', text('after'))
    await l.client.waitFor(
      (frame) => frame.t === 'event' && frame.update.kind === 'membership' && frame.update.role === null,
    )
    const seqs = l.client.frames.flatMap((frame) =>
      frame.t === 'event' && 'seq' in frame.update ? [frame.update.seq] : [],
    )
    expect(seqs).toEqual([3, 4, 5])
    for (const path of ['', '/messages', '/entries', '/members']) {
      expect(await late.api.request('GET', `/v1/conversations/${chat.id}${path}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
    }
    await owner.api.call('PATCH', `/v1/conversations/${chat.id}`, { history: 'all' })
    await owner.api.call('PUT', `/v1/conversations/${chat.id}/members/${late.user}`, {})
    const all = await late.api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages`)
    expect(all.items).toHaveLength(3)
    expect(other.user).toBeTruthy()
  })

  it('D6: who is not a member finds nothing; a block forbids; mentions and replies must be real', async () => {
    const { alice, bob, chat } = await pair()
    const stranger = await world.person()
    const [a, b, s] = await Promise.all([alice.connect(), bob.connect(), stranger.connect()])
    expect(await s.client.send(chat.id, 'm', text('hi'))).toMatchObject({ code: 'not_found' })
    expect(await a.client.send(chat.id, 'm', text('hi'), { mentions: [stranger.user] })).toMatchObject({
      code: 'invalid',
      field: 'mentions',
    })
    expect(await a.client.send(chat.id, 'm', text('hi'), { replyTo: 7 })).toMatchObject({ code: 'not_found' })
    expect(await a.client.send(chat.id, 'm', text('hi'), { mentions: [bob.user] })).toMatchObject({ t: 'ok', seq: 1 })
    expect(await b.client.send(chat.id, 'm', text('yes'), { replyTo: 1 })).toMatchObject({ t: 'ok', seq: 2 })
    expect(await bob.api.request('PUT', `/v1/me/blocks/${alice.user}`)).toMatchObject({ status: 201 })
    expect(await a.client.send(chat.id, 'n', text('hi'))).toMatchObject({ code: 'forbidden' })
    expect(await a.client.request({ t: 'react', conversation: chat.id, seq: 1, emoji: '🙈' })).toMatchObject({
      code: 'forbidden',
    })
    expect(await bob.api.request('DELETE', `/v1/me/blocks/${alice.user}`)).toMatchObject({ status: 204 })
    expect(await a.client.send(chat.id, 'o', text('hi'))).toMatchObject({ t: 'ok', seq: 3 })
    await stranger.api.call('PUT', `/v1/me/blocks/${alice.user}`)
    expect(await alice.api.request('PUT', `/v1/direct/${stranger.user}`)).toMatchObject({ status: 403 })
  })

  it('S3: answers come in the order of the frames, errors among them', async () => {
    const { alice, chat } = await pair()
    const { client } = await alice.connect()
    const frames = Array.from({ length: 40 }, (_, index) => ({
      t: 'send',
      ref: index + 1000,
      conversation: index % 7 === 3 ? 'nowhere' : chat.id,
      clientMessageId: `p${index}`,
      content: text(`${index}`),
    }))
    client.write(frames as unknown as object)
    await client.waitFor((frame) => 'ref' in frame && frame.ref === 1039)
    const refs = client.frames.flatMap((frame) => ('ref' in frame && frame.ref !== undefined ? [frame.ref] : []))
    expect(refs).toEqual(frames.map((frame) => frame.ref))
  })

  it('C5: what is too large is refused, what just fits is not', async () => {
    const { alice, chat } = await pair()
    const { client } = await alice.connect()
    expect(await client.send(chat.id, 'fits', text('x'.repeat(16 * 1024)))).toMatchObject({ t: 'ok' })
    expect(await client.send(chat.id, 'long', text('x'.repeat(16 * 1024 + 1)))).toMatchObject({ code: 'too_large' })
    expect(await client.send(chat.id, 'wide', text('é'.repeat(8 * 1024 + 1)))).toMatchObject({ code: 'too_large' })
    client.writeRaw('x'.repeat(65 * 1024))
    expect(await client.closed).toMatchObject({ code: 1009 })
  })
})
