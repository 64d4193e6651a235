import { jsonCodec } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { openMemoryCluster, send } from './memory-cluster.contract.ts'

describe('sessions of one device and one user on several nodes', () => {
  it('K4: a device that connects to another node ends its session on the old one, and no other', async () => {
    const { node, person, settle } = await openMemoryCluster()
    const alice = await person()
    const [old, other] = [node(0).connect(alice), node(0).connect(await person())]
    await settle(1000)
    const fresh = node(1).connect(alice)
    await settle()
    expect([old.codes, fresh.codes, other.codes]).toEqual([[4104], [], []])
  })

  it('K4: what a program said before it ended takes nothing from the next one, which it may reach later', async () => {
    const { node, person, settle } = await openMemoryCluster()
    const alice = await person()
    const hello = JSON.stringify({ t: 'hello', token: alice.token })
    const codes: number[][] = []
    const open = (index: number) => {
      const own: number[] = []
      codes.push(own)
      const connection = { send: () => {}, close: (code: number) => own.push(code), terminate: () => {}, full: false }
      const idle = { sendInParts: () => {}, pause: () => {}, resume: () => {} }
      return node(index).gateway.accept({ ...connection, ...idle }, jsonCodec, '127.0.0.1')
    }
    const [old, elsewhere] = [open(0), open(1)]
    await settle(1000)
    open(0).message(hello)
    await settle()
    old.message(hello)
    elsewhere.message(hello)
    await settle(1000)
    expect(codes).toEqual([[4104], [], []])
  })

  it('a device that is logged out anywhere is out everywhere, at once', async () => {
    const { node, person, settle } = await openMemoryCluster()
    const alice = await person()
    const sockets = [0, 1, 2].map((index) => node(index).connect(index === 1 ? alice : { token: 'none' }))
    await settle()
    expect(await node(2).call(alice, 'GET', '/v1/me')).toMatchObject({ username: alice.username })
    await node(0).call(alice, 'DELETE', '/v1/sessions/current')
    await settle(10)
    expect(sockets[1]?.codes).toEqual([4101])
    expect(await node(2).call(alice, 'GET', '/v1/me')).toEqual({ code: 'unauthenticated' })
  })

  it('within a second where there is no link', async () => {
    const { node, person, settle, network } = await openMemoryCluster()
    const alice = await person()
    const socket = node(1).connect(alice)
    expect(await node(1).call(alice, 'GET', '/v1/me')).toMatchObject({ username: alice.username })
    await settle()
    network.cut('a', 'b')
    await node(0).call(alice, 'DELETE', '/v1/sessions/current')
    await settle(1000)
    expect(socket.codes).toEqual([4101])
    expect(await node(1).call(alice, 'GET', '/v1/me')).toEqual({ code: 'unauthenticated' })
  })

  it('a block or a profile that is changed through one node counts on every other', async () => {
    const { node, person, direct, settle } = await openMemoryCluster()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const a = node(0).connect(alice)
    await settle()
    a.write(send(chat, 'm1', 1))
    await settle()
    await node(1).call(bob, 'PUT', `/v1/me/blocks/${alice.user}`)
    await settle(10)
    a.write(send(chat, 'm2', 2))
    await settle()
    expect(a.frames.at(-1)).toMatchObject({ t: 'error', ref: 2, code: 'forbidden' })
    await node(2).call(bob, 'PATCH', '/v1/me', { body: { displayName: 'Robert' } })
    await settle(10)
    expect(await node(0).call(alice, 'GET', `/v1/users/${bob.user}`)).toMatchObject({ displayName: 'Robert' })
  })

  it('typing is shown on every node, presence told when asked and when it changes', async () => {
    const { node, person, group, settle } = await openMemoryCluster()
    const [alice, bob] = [await person(), await person()]
    const chat = await group([alice, bob])
    const a = node(0).connect(alice)
    await settle(1500)
    const b = node(1).connect(bob)
    await settle()
    b.write({ t: 'presence', status: 'active', watch: [alice.user] })
    await settle()
    const presence = () => b.frames.flatMap((frame) => (frame.t === 'presence' ? [frame.status] : []))
    expect(presence()).toEqual(['online'])
    a.write({ t: 'typing', conversation: chat, state: 'typing' })
    await settle()
    expect(b.frames.at(-1)).toEqual({ t: 'typing', conversation: chat, user: alice.user, state: 'typing' })
    a.write({ t: 'presence', status: 'away' })
    await settle(2500)
    expect(presence()).toEqual(['online', 'away'])
    const query = { users: alice.user }
    const seen = await node(2).call<{ items: unknown[] }>(bob, 'GET', '/v1/presence', { query })
    expect(seen.items).toMatchObject([{ user: alice.user, status: 'away' }])
    a.drop()
    await settle(13_000)
    expect(presence()).toEqual(['online', 'away', 'offline'])
  })
})

describe('where clients are sent', () => {
  it('any node answers with the same chat server for a user, spread over all, and its ticket is good there', async () => {
    const { node, nodes, person, settle } = await openMemoryCluster()
    const places = new Set<string>()
    for (let count = 0; count < 20; count++) {
      const one = await person()
      const answers = await Promise.all(nodes.map((at) => at.call(one, 'POST', '/v1/connect')))
      const url = answers[0]?.url as string
      expect(answers.map((answer) => answer.url)).toEqual([url, url, url])
      places.add(url)
      const socket = nodes.find((at) => at.url === url)?.connect({ ticket: answers[0]?.ticket as string })
      await settle(0)
      expect(socket?.frames[0]).toMatchObject({ t: 'welcome', user: one.user })
      const elsewhere = await node(0).call(one, 'POST', '/v1/connect', { body: { avoid: url } })
      expect(elsewhere.url).not.toBe(url)
    }
    expect(places.size).toBe(3)
  })

  it('K3: a node that leaves says so first, and tells each client where to go', async () => {
    const { node, person, settle, cluster } = await openMemoryCluster()
    const people = []
    for (let count = 0; count < 12; count++) people.push(await person())
    const sockets = people.map((one) => node(0).connect(one))
    await settle()
    await node(0).cluster?.drain()
    expect([...cluster.alive.values()].find((info) => info?.id === 'a')).toMatchObject({ draining: true })
    const urls = await Promise.all(people.map((one) => node(1).call(one, 'POST', '/v1/connect')))
    expect(urls.map(({ url }) => url)).not.toContain('http://a.test')
    await node(0).gateway.drain(2000, ({ user }) => node(0).cluster?.elsewhere(user))
    for (const [index, { frames, codes }] of sockets.entries()) {
      expect(frames.at(-1)).toMatchObject({ t: 'bye', reconnect: true, spread: 200, url: urls[index]?.url })
      expect(codes).toEqual([4004])
    }
  })

  it('K3: many are sent on a few at a time, and served until then', async () => {
    const { node, person, group, settle, clock } = await openMemoryCluster()
    const people = []
    for (let count = 0; count < 100; count++) people.push(await person())
    const chat = await group(people)
    const sockets = people.map((one) => node(0).connect(one))
    await settle()
    await node(0).cluster?.drain()
    const drained = node(0).gateway.drain(2000, ({ user }) => node(0).cluster?.elsewhere(user))
    await clock.advance(45)
    const isGone = ({ codes }: { codes: number[] }) => codes.length > 0
    expect(sockets.filter(isGone)).toHaveLength(60)
    const [one, other] = sockets.filter((socket) => !isGone(socket))
    one?.write(send(chat, 'm1'))
    await clock.advance(10)
    expect(one?.frames.at(-1)).toMatchObject({ t: 'ok' })
    expect(other?.events()).toContain('message 2')
    await clock.advance(60)
    await drained
    expect(sockets.filter(isGone)).toHaveLength(100)
  })

  it('the last node has nowhere to send them', async () => {
    const { node, person, settle } = await openMemoryCluster(['a'])
    const socket = node(0).connect(await person())
    await settle()
    await node(0).cluster?.drain()
    await node(0).gateway.drain(2000, ({ user }) => node(0).cluster?.elsewhere(user))
    expect(socket.frames.at(-1)).toMatchObject({ t: 'bye', spread: 2000 })
    expect(socket.frames.at(-1)).not.toHaveProperty('url')
    expect(socket.codes).toEqual([4000])
  })

  it('a node that serves no sockets answers, appends and delivers, and nobody is sent to it', async () => {
    const { node, person, direct, group, settle } = await openMemoryCluster(['a', 'b', 'c'], { a: ['api'] })
    const [alice, bob] = [await person(), await person()]
    const chats = [await direct(alice, bob), await group([alice, bob])]
    const b = node(1).connect(bob)
    await settle(2000)
    for (const [index, chat] of chats.entries()) {
      const body = { clientMessageId: `m${index}`, content: { text: 'hi' } }
      const sending = node(0).call(alice, 'POST', `/v1/conversations/${chat}/messages`, { body })
      await settle()
      expect(await sending).toMatchObject({ conversation: chat })
    }
    expect(b.events().filter((event) => event.startsWith('message'))).toEqual(['message 1', 'message 2'])
    for (let count = 0; count < 20; count++) {
      expect(await node(0).call(await person(), 'POST', '/v1/connect')).not.toMatchObject({ url: 'http://a.test' })
    }
    expect(node(1).cluster?.members.laneOf(chats[1] as string)).not.toBe('a')
  })
})
