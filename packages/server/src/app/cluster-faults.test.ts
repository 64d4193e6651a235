import { describe, expect, it } from 'vitest'
import { openMemoryCluster, send } from './memory-cluster.contract.ts'

/** Alice on the first node, Bob on the second, in one direct conversation. */
async function pair() {
  const world = await openMemoryCluster()
  const { node, person, direct, settle } = world
  const [alice, bob] = [await person(), await person()]
  const chat = await direct(alice, bob)
  const [a, b] = [node(0).connect(alice), node(1).connect(bob)]
  await settle(2000)
  return { ...world, alice, bob, chat, a, b }
}

describe('what is lost between nodes', () => {
  it('Y5: a link that breaks has the sessions read their queues at once, and again when it is back', async () => {
    const { network, settle, chat, a, b } = await pair()
    network.cut('a', 'b')
    await settle(1500)
    a.write(send(chat, 'm1'))
    await settle()
    expect(a.frames.at(-1)).toMatchObject({ t: 'ok' })
    expect(b.events()).toEqual([])
    network.heal('a', 'b')
    await settle(3200)
    expect(b.events()).toEqual(['message 1'])
    a.write(send(chat, 'm2'))
    await settle()
    expect(b.events()).toEqual(['message 1', 'message 2'])
  })

  it('Y5: what was on its way when the link broke comes within a second', async () => {
    const { network, settle, chat, a, b, clock } = await pair()
    network.delay = (from) => (from === 'a' ? 200 : 0)
    a.write(send(chat, 'm1'))
    await clock.advance(100)
    network.cut('a', 'b')
    await settle(1000)
    expect(b.events()).toEqual(['message 1'])
  })

  it('Y5: frames that get lost without a trace delay by 30 s at most', async () => {
    const { losing, settle, chat, a, b } = await pair()
    losing.add('deliver')
    a.write(send(chat, 'm1'))
    await settle(1000)
    expect(b.events()).toEqual([])
    await settle(45_000)
    expect(b.events()).toEqual(['message 1'])
  })

  it('a session that opened while routes to it were not known misses nothing for longer than a second', async () => {
    const { node, person, direct, settle, losing, clock } = await openMemoryCluster()
    const [alice, bob] = [await person(), await person()]
    const chat = await direct(alice, bob)
    const a = node(0).connect(alice)
    await settle(2000)
    // The first node knows that Bob is nowhere.
    a.write(send(chat, 'm0'))
    await settle()
    losing.add('forget-routes')
    const b = node(1).connect(bob)
    await settle(10)
    a.write(send(chat, 'm1'))
    await clock.advance(1100)
    expect(b.events()).toEqual(['message 2'])
  })
})

describe('rows of the session registry that are wrong', () => {
  it('one of a dead node, or of one where nobody is any more, harms nobody', async () => {
    const { sessions, settle, chat, a, b, bob, carried } = await pair()
    await sessions.add('dead', [bob.user])
    await sessions.add('c', [bob.user])
    await settle(31_000)
    a.write(send(chat, 'm1'))
    await settle()
    a.write(send(chat, 'm2'))
    await settle()
    expect(b.events()).toEqual(['message 1', 'message 2'])
    expect(carried.filter((one) => one.includes('dead'))).toEqual([])
  })

  it('a row that got lost is written again within a minute, and meanwhile the session heals', async () => {
    const { sessions, settle, chat, a, b, bob } = await pair()
    await sessions.remove('b', [bob.user])
    await settle(35_000)
    a.write(send(chat, 'm1'))
    for (let beat = 0; beat < 4; beat++) {
      for (const socket of [a, b]) socket.write({ t: 'ping' })
      await settle(25_000)
    }
    expect(b.events()).toEqual(['message 1'])
    a.write(send(chat, 'm2'))
    await settle()
    expect(b.events()).toEqual(['message 1', 'message 2'])
  })

  it('while the registry is away sends go on and are delivered', async () => {
    const { node, sessions, settle, chat, a, b, person } = await pair()
    const away = async () => {
      throw new Error('away')
    }
    Object.assign(sessions, { nodesOf: away, add: away, remove: away })
    await settle(65_000)
    a.write(send(chat, 'm1'))
    await settle()
    expect(b.events()).toEqual(['message 1'])
    const other = node(2).connect(await person())
    await settle()
    expect(other.frames.map(({ t }) => t)).toEqual(['welcome', 'live'])
  })
})

describe('a node that dies', () => {
  it('D1, D3: sends that were given to its lane are appended by those who gave them, in order, within 2 s', async () => {
    const { node, nodes, person, group, settle, clock } = await openMemoryCluster()
    const people = [await person(), await person(), await person()]
    const chat = await group(people)
    const sockets = people.map((one, index) => node(index).connect(one))
    await settle(2000)
    const lane = node(0).cluster?.laneOf(chat) ?? 'a'
    const dying = ['a', 'b', 'c'].indexOf(lane)
    const [one, other] = [0, 1, 2].filter((index) => index !== dying) as [number, number]
    node(dying).ports.log.append = () => new Promise(() => {})
    for (let count = 0; count < 5; count++) sockets[one]?.write(send(chat, `m${count}`, count))
    await clock.advance(50)
    nodes[dying]?.kill()
    await settle()
    const oks = sockets[one]?.frames.filter((frame) => frame.t === 'ok') ?? []
    expect(oks.map((frame) => frame.t === 'ok' && [frame.ref, frame.seq])).toEqual(
      [0, 1, 2, 3, 4].map((n) => [n, n + 2]),
    )
    sockets[other]?.write(send(chat, 'after', 9))
    await settle()
    expect(sockets[other]?.frames.at(-1)).toMatchObject({ t: 'ok', seq: 7 })
    expect(sockets[one]?.events().at(-1)).toBe('message 7')
  })

  it('D3: one that is frozen with sends in its lane is done without after 2 s; what it does later is no second message', async () => {
    const { node, person, group, settle, network } = await openMemoryCluster()
    const people = [await person(), await person(), await person()]
    const chat = await group(people)
    const sockets = people.map((one, index) => node(index).connect(one))
    await settle(2000)
    const lane = node(0).cluster?.laneOf(chat) ?? 'a'
    const frozen = ['a', 'b', 'c'].indexOf(lane)
    const other = (frozen + 1) % 3
    const { log } = node(frozen).ports
    const append = log.append.bind(log)
    let thaw: () => void = () => {}
    log.append = async (batch) => {
      await new Promise<void>((resolve) => {
        thaw = resolve
      })
      return append(batch)
    }
    const { carries } = network
    network.carries = (from, to, bytes) => from !== lane && carries(from, to, bytes)
    for (let count = 0; count < 3; count++) sockets[other]?.write(send(chat, `m${count}`, count))
    await settle(2500)
    const oks = sockets[other]?.frames.filter((frame) => frame.t === 'ok') ?? []
    expect(oks.map((frame) => frame.t === 'ok' && frame.seq)).toEqual([2, 3, 4])
    log.append = append
    thaw()
    network.carries = carries
    await settle(5000)
    const page = await node(frozen).call<{ items: { clientMessageId?: string }[] }>(
      people[other] as { token: string },
      'GET',
      `/v1/conversations/${chat}/messages`,
    )
    expect(page.items.map((item) => item.clientMessageId)).toEqual(['m0', 'm1', 'm2'])
    expect(sockets[frozen]?.events().filter((event) => event.startsWith('message'))).toHaveLength(3)
  })

  it('clients of it are sent elsewhere, and presence tells who is not back', async () => {
    const { node, nodes, person, group, settle } = await openMemoryCluster()
    const [alice, bob] = [await person(node(1)), await person(node(1))]
    await group([alice, bob], node(1))
    node(0).connect(alice)
    const b = node(1).connect(bob)
    await settle(2000)
    b.write({ t: 'presence', status: 'active', watch: [alice.user] })
    await settle()
    nodes[0]?.kill()
    await settle(1000)
    for (let count = 0; count < 10; count++) {
      expect(await node(1).call(await person(node(1)), 'POST', '/v1/connect')).not.toMatchObject({
        url: 'http://a.test',
      })
    }
    await settle(14_000)
    expect(b.frames.flatMap((frame) => (frame.t === 'presence' ? [frame.status] : []))).toEqual(['online', 'offline'])
  })
})
