import { describe, expect, it } from 'vitest'
import { openMemoryCluster, send } from './memory-cluster.contract.ts'

describe('messages between nodes', () => {
  it('D7: sent on one node, an event on every other session of every member, wherever; ok where it was sent', async () => {
    const { node, person, direct, settle } = await openMemoryCluster()
    const [alice, bob] = [await person(node(0)), await person(node(1))]
    const chat = await direct(alice, bob, node(2))
    const a = node(0).connect(alice)
    const b = node(1).connect(bob)
    await settle()
    a.write(send(chat, 'm1'))
    await settle()
    expect(a.frames.at(-1)).toMatchObject({ t: 'ok', ref: 1, seq: 1 })
    expect([a.events(), b.events()]).toEqual([[], ['message 1']])
    b.write(send(chat, 'm2'))
    await settle()
    expect([a.events(), b.events()]).toEqual([['message 2'], ['message 1']])
  })

  it('two who take turns on two nodes never lose an append to each other', async () => {
    const { node, person, direct, settle, moved } = await openMemoryCluster()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const [a, b] = [node(0).connect(alice), node(1).connect(bob)]
    await settle()
    for (let turn = 0; turn < 10; turn++) {
      ;(turn % 2 === 0 ? a : b).write(send(chat, `m${turn}`))
      await settle()
    }
    expect(a.events().length + b.events().length).toBe(10)
    expect(moved.count).toBe(0)
  })

  it('W9: a group of 150 over three nodes costs one frame per node and batch', async () => {
    const { node, person, group, settle, carried, clock } = await openMemoryCluster()
    const people = []
    for (let count = 0; count < 150; count++) people.push(await person())
    const chat = await group(people)
    const sockets = people.map((one, index) => node(index % 3).connect(one))
    await settle(2000)
    const warm = send(chat, 'warm')
    sockets[0]?.write(warm)
    await settle()
    const lane = node(0).cluster?.laneOf(chat) ?? 'a'
    const at = ['a', 'b', 'c'].indexOf(lane)
    carried.length = 0
    for (let count = 0; count < 5; count++) {
      sockets[at]?.write(send(chat, `m${count}`, count))
      await clock.advance(10)
    }
    const others = ['a', 'b', 'c'].filter((id) => id !== lane)
    const expected = others.map((id) => `${lane}→${id} deliver`)
    expect(carried.toSorted()).toEqual([...expected, ...expected, ...expected, ...expected, ...expected].toSorted())
    await settle()
    for (const [index, socket] of sockets.entries()) {
      expect(socket.events().filter((event) => event.startsWith('message'))).toHaveLength(
        index === 0 ? 5 : index === at ? 1 : 6,
      )
    }
  })

  it('sends of a group are appended by the node of its lane, whichever node they come to', async () => {
    const { node, nodes, person, group, settle, moved } = await openMemoryCluster()
    const people = [await person(), await person(), await person()]
    const chat = await group(people)
    const sockets = people.map((one, index) => node(index).connect(one))
    await settle(2000)
    const before = nodes.map(({ counts }) => counts.messages)
    for (let round = 0; round < 10; round++) {
      for (const [index, socket] of sockets.entries()) socket.write(send(chat, `m${index}-${round}`, round))
    }
    await settle()
    const appended = nodes.map(({ counts }, index) => counts.messages - (before[index] ?? 0))
    expect(appended.toSorted((x, y) => x - y)).toEqual([0, 0, 30])
    expect(moved.count).toBeLessThan(3)
    for (const socket of sockets) {
      expect(socket.frames.filter((frame) => frame.t === 'ok')).toHaveLength(10)
      const seqs = socket.events().filter((event) => event.startsWith('message'))
      expect(seqs).toHaveLength(20)
    }
  })

  it('D4: edits, reactions and changes of members go through the lane too, and are answered where they were asked', async () => {
    const { node, person, group, settle, carried, moved } = await openMemoryCluster()
    const [alice, bob, eve] = [await person(), await person(), await person()]
    const chat = await group([alice, bob])
    const lane = node(0).cluster?.laneOf(chat) ?? 'a'
    const away = ['a', 'b', 'c'].findIndex((id) => id !== lane)
    const a = node(away).connect(alice)
    await settle(2000)
    a.write(send(chat, 'm1'))
    await settle()
    carried.length = 0
    a.write({ t: 'react', ref: 2, conversation: chat, seq: 2, emoji: '👍' })
    await settle()
    expect(a.frames.find((frame) => frame.t === 'ok' && frame.ref === 2)).toMatchObject({ seq: 3 })
    expect(carried.some((one) => one.endsWith('call'))).toBe(true)
    const put = node(away).call(alice, 'PUT', `/v1/conversations/${chat}/members/${eve.user}`, { body: {} })
    await settle()
    expect(await put).toMatchObject({ user: eve.user, role: 'member', joinedSeq: 4 })
    const refused = node(away).call(bob, 'PATCH', `/v1/conversations/${chat}`, { body: { title: 'Mine' } })
    await settle()
    expect(await refused).toEqual({ code: 'forbidden' })
    expect(moved.count).toBe(0)
  })

  it('L1: a poll that waits on any node is woken', async () => {
    const { node, person, direct, settle, clock } = await openMemoryCluster()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const a = node(0).connect(alice)
    const { cursor } = await node(1).call<{ cursor: string }>(bob, 'GET', '/v1/sync')
    let answered = Number.POSITIVE_INFINITY
    const polling = node(2)
      .call<{ updates: unknown[] }>(bob, 'GET', '/v1/sync', { query: { cursor, wait: 50 } })
      .finally(() => {
        answered = clock.monotonic()
      })
    await settle(500)
    const sentAt = clock.monotonic()
    a.write(send(chat, 'm1'))
    await settle(1000)
    expect((await polling).updates).toHaveLength(1)
    expect(answered - sentAt).toBeLessThan(100)
  })

  it('Y1: reading is as new as what was acknowledged on another node', async () => {
    const { node, person, group, settle } = await openMemoryCluster()
    const [alice, bob] = [await person(), await person()]
    const chat = await group([alice, bob])
    for (const one of [0, 1, 2]) await node(one).call(bob, 'GET', `/v1/conversations/${chat}/messages`)
    const body = { clientMessageId: 'm1', content: { text: 'hi' } }
    const sending = node(0).call(alice, 'POST', `/v1/conversations/${chat}/messages`, { body })
    await settle()
    expect(await sending).toMatchObject({ seq: 2 })
    for (const one of [0, 1, 2]) {
      const page = await node(one).call<{ items: unknown[] }>(bob, 'GET', `/v1/conversations/${chat}/messages`)
      expect(page.items).toHaveLength(1)
      expect(await node(one).call(bob, 'GET', '/v1/conversations')).toMatchObject({ items: [{ unread: 1 }] })
    }
    const removing = node(1).call(alice, 'DELETE', `/v1/conversations/${chat}/members/${bob.user}`)
    await settle()
    await removing
    for (const one of [0, 1, 2]) {
      expect(await node(one).call(bob, 'GET', `/v1/conversations/${chat}/messages`)).toEqual({ code: 'not_found' })
    }
  })
})
