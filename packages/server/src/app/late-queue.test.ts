import type { DownFrame } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { openMemoryCluster, send } from './memory-cluster.contract.ts'

type Polled = { updates: { pos: string; update: { kind: string; seq?: number } }[]; cursor: string; live: boolean }

const open = () => openMemoryCluster(['a', 'b', 'c'], {}, 'late')
const positions = (frames: readonly DownFrame[]): string[] =>
  frames.flatMap((frame) => (frame.t === 'event' ? [frame.pos] : []))
const messages = (events: readonly string[]): string[] => events.filter((event) => event.startsWith('message'))

describe('sessions and polls over a queue whose rows are late', () => {
  it('Y2, D7: every session gets every message once, in order, over any node', async () => {
    const { node, person, group, settle } = await open()
    const people = [await person(), await person(), await person()]
    const chat = await group(people)
    const sockets = people.map((one, index) => node(index).connect(one))
    await settle(2000)
    for (let round = 0; round < 60; round++) {
      sockets[round % 3]?.write(send(chat, `m${round}`, round))
      await settle(round % 7 === 0 ? 3000 : 30)
    }
    await settle(60_000)
    for (const [index, socket] of sockets.entries()) {
      const own = (seq: number) => (seq - 2) % 3 === index
      const due = Array.from({ length: 60 }, (_, n) => n + 2).filter((seq) => !own(seq))
      expect(messages(socket.events())).toEqual(due.map((seq) => `message ${seq}`))
      expect(new Set(positions(socket.frames)).size).toBe(positions(socket.frames).length)
    }
  })

  it('a lost hint is found half of W after the next one', async () => {
    const { node, person, direct, settle, losing } = await open()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const [a, b] = [node(0).connect(alice), node(1).connect(bob)]
    await settle(30_000)
    a.write(send(chat, 'm1', 1))
    await settle(30_000)
    losing.add('deliver')
    a.write(send(chat, 'm2', 2))
    await settle(1000)
    losing.delete('deliver')
    expect(messages(b.events())).toEqual(['message 1'])
    a.write(send(chat, 'm3', 3))
    await settle(1000)
    expect(messages(b.events()), 'm3 makes the reader look for what is before it').toEqual([
      'message 1',
      'message 2',
      'message 3',
    ])
    losing.add('deliver')
    a.write(send(chat, 'm4', 4))
    await settle(6000)
    expect(messages(b.events()).at(-1), 'read again after the last wake').toBe('message 4')
  })

  it('Y1, Y3: what was acknowledged may be acknowledged again, what was not given not; a resume loses nothing', async () => {
    const { node, person, direct, settle } = await open()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const [a, b] = [node(0).connect(alice), node(1).connect(bob)]
    await settle(2000)
    for (let n = 1; n <= 6; n++) {
      a.write(send(chat, `m${n}`, n))
      await settle(400)
    }
    const given = positions(b.frames)
    expect(given.length).toBeGreaterThanOrEqual(6)
    for (const pos of [given[2], given[5], given[2], given[5]]) b.write({ t: 'ack', pos })
    await settle(0)
    expect(b.frames.some((frame) => frame.t === 'error')).toBe(false)
    b.write({ t: 'ack', pos: `${given[5]}0` })
    b.write({ t: 'ack', pos: 'nonsense' })
    await settle(0)
    expect(b.frames.filter((frame) => frame.t === 'error')).toHaveLength(2)
    b.drop()
    a.write(send(chat, 'm7', 7))
    await settle(2000)
    const again = node(2).connect({ ...bob, cursor: given[3] as string })
    await settle(2000)
    const seqs = messages(again.events()).map((event) => Number(event.slice(8)))
    expect(seqs).toEqual([...seqs].sort((x, y) => x - y))
    expect(new Set(seqs)).toEqual(new Set([...seqs, 5, 6, 7]))
    expect(again.frames.find((frame) => frame.t === 'welcome')).toMatchObject({ resume: 'ok' })
    expect(again.frames.filter((frame) => frame.t === 'live')).toHaveLength(1)
  })

  it('Y7: delivered follows from acks, whatever order rows came in', async () => {
    const { node, person, direct, settle } = await open()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const [a, b] = [node(0).connect(alice), node(1).connect(bob)]
    await settle(2000)
    for (let n = 1; n <= 5; n++) {
      a.write(send(chat, `m${n}`, n))
      await settle(300)
    }
    b.write({ t: 'ack', pos: positions(b.frames).at(-1) })
    await settle(3000)
    const receipts = a.frames.flatMap((frame) =>
      frame.t === 'event' && frame.update.kind === 'receipts' ? frame.update.members : [],
    )
    expect(receipts.at(-1)).toMatchObject({ user: bob.user, delivered: 5 })
  })

  it('L1: polls over all nodes give every update once, acknowledge, and end', async () => {
    const { node, person, direct, settle, clock } = await open()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const a = node(0).connect(alice)
    await settle(2000)
    let cursor: string | undefined
    const seqs: number[] = []
    let polls = 0
    const poll = async (wait = 0): Promise<Polled> => {
      const asked = node(polls++ % 3).call<Polled>(bob, 'GET', '/v1/sync', { query: { cursor, wait, limit: 4 } })
      await clock.advance(1000)
      const answer = await asked
      ;({ cursor } = answer)
      for (const { update } of answer.updates) if (update.kind === 'message') seqs.push(update.seq as number)
      return answer
    }
    await poll()
    for (let n = 1; n <= 30; n++) {
      a.write(send(chat, `m${n}`, n))
      await settle(n % 5 === 0 ? 4000 : 200)
      if (n % 4 === 0) await poll()
    }
    while ((await poll()).updates.length > 0);
    expect(seqs).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
    await settle(3000)
    const receipts = a.frames.flatMap((frame) =>
      frame.t === 'event' && frame.update.kind === 'receipts' ? frame.update.members : [],
    )
    expect(receipts.at(-1)).toMatchObject({ user: bob.user, delivered: 30 })
    // A poll that waits is woken.
    const waiting = poll(30)
    a.write(send(chat, 'm31', 31))
    expect((await waiting).updates.map(({ update }) => update.kind)).toContain('message')
  })
})
