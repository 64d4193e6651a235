import type { DownFrame } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../adapters/memory/link-transport.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { ClusterRouter } from './cluster-router.ts'
import { type Event, UpdateEvent } from './event.ts'
import { Hub, type LocalSession } from './hub.ts'
import { messagesOf } from './link-frame.ts'
import { Links } from './links.ts'
import { LocalRouter } from './router.ts'
import { Routes } from './routes.ts'

const codec = {
  encode: (event: Event) => event.json('').length + event.json(''),
  decode: (raw: unknown) => decode(raw),
}
const decode = (raw: unknown) => new UpdateEvent(String(raw).replace(/^\d+/, ''))

/** Three nodes whose registry is a map that tests fill. */
function open(answer: { fails?: boolean; delay?: number } = {}) {
  const clock = new ManualClock()
  const network = new MemoryLinkNetwork(clock)
  const registry = new Map<string, string[]>()
  const asked: string[][] = []
  const frames: { from: string; to: string; topics: string[] }[] = []
  network.carries = (from, to, bytes) => {
    const topics = [...messagesOf(bytes)].map(([topic]) => topic).filter((topic) => !topic.startsWith('~'))
    if (topics.length > 0) frames.push({ from, to, topics })
    return true
  }
  const names = ['a', 'b', 'c']
  const nodes = names.map((id, index) => {
    const hub = new Hub()
    const transport = new MemoryLinkTransport(network, id)
    const links = new Links({ self: id, transport, clock, random: seededRandom(index), logger: silentLogger })
    const arrived: string[] = []
    const routes = new Routes({
      lookUp: async (users) => {
        asked.push([...users])
        const found = new Map(users.map((user) => [user, (registry.get(user) ?? []).filter((node) => node !== id)]))
        await new Promise<void>((resolve) => clock.after(answer.delay ?? 0, resolve))
        if (answer.fails) throw new Error('away')
        return found
      },
      unknown: () => links.linked,
      clock,
    })
    const router = new ClusterRouter({
      local: new LocalRouter(hub),
      link: links,
      routes,
      codec,
      clock,
      arrived: (events) => arrived.push(...events.map((event) => event.json(''))),
    })
    const session = (user: string) => {
      const got: string[] = []
      const frames: DownFrame[] = []
      const one: LocalSession = {
        user,
        device: `${user}-${id}`,
        openedAt: 0,
        offer: (position, events) => got.push(...events.map((event) => `${position} ${event.json(user)}`)),
        sendTransient: (frame) => frames.push(frame) > 0,
        wake: () => {},
        close: () => {},
      }
      hub.add(one)
      registry.set(user, [...new Set([...(registry.get(user) ?? []), id])])
      return { got, frames }
    }
    return { id, links, router, session, arrived }
  })
  const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
  const meet = async (): Promise<void> => {
    for (const { links } of nodes) links.setPeers(names.map((id) => ({ id, link: `http://${id}` })))
    await clock.advance(10)
  }
  return { clock, network, registry, asked, frames, a, b, c, meet }
}

const at = (user: string, position = '1') => ({ user, position })
const event = (text: string) => new UpdateEvent(JSON.stringify(text))

describe('the router of a cluster', () => {
  it('delivers here at once, and elsewhere where the registry says, looked up together once', async () => {
    const { a, b, c, meet, asked, frames, clock } = open()
    await meet()
    const [ann, bob, eve] = [a.session('ann'), b.session('bob'), c.session('eve')]
    const places = ['ann', 'bob', 'eve', 'joe'].map((user) => at(user))
    a.router.deliver(places, [event('one')])
    expect(ann.got).toEqual(['1 "one"'])
    await clock.advance(0)
    a.router.deliver(
      places.map(({ user }) => at(user, '2')),
      [event('two')],
    )
    await clock.advance(0)
    for (const { got } of [ann, bob, eve]) expect(got).toEqual(['1 "one"', '2 "two"'])
    expect(asked).toEqual([['ann', 'bob', 'eve', 'joe']])
    expect(frames).toHaveLength(4)
    expect(b.arrived).toEqual(['"one"', '"two"'])
  })

  it('W9: one frame for all members of a group on a node, its events encoded once', async () => {
    const { a, b, meet, frames, clock } = open()
    await meet()
    const users = Array.from({ length: 50 }, (_, index) => `u${index}`)
    const sessions = users.map((user) => b.session(user))
    const places = users.map((user) => at(user))
    a.router.deliver(places, [event('warm')])
    await clock.advance(0)
    frames.length = 0
    a.router.deliver(places, [event('one'), event('two')])
    a.router.deliver(places, [event('three')])
    await clock.advance(0)
    expect(frames).toEqual([{ from: 'a', to: 'b', topics: ['deliver', 'deliver'] }])
    for (const { got } of sessions) expect(got).toHaveLength(4)
  })

  it('order of a user holds while the registry is asked', async () => {
    const { a, b, meet, clock } = open({ delay: 50 })
    await meet()
    const bob = b.session('bob')
    for (const n of ['1', '2', '3']) {
      a.router.deliver([at('bob', n)], [event(n)])
      await clock.advance(20)
    }
    await clock.advance(100)
    expect(bob.got.map((got) => got[0])).toEqual(['1', '2', '3'])
  })

  it('a user who moves is found at the new place once it was told; what was asked before is not kept', async () => {
    const { a, b, c, meet, registry, clock } = open({ delay: 50 })
    await meet()
    const old = b.session('bob')
    a.router.deliver([at('bob')], [event('one')])
    await clock.advance(10)
    registry.delete('bob')
    const fresh = c.session('bob')
    c.router.forget(['bob'])
    await clock.advance(200)
    a.router.deliver([at('bob', '2')], [event('two')])
    await clock.advance(200)
    expect([old.got, fresh.got]).toEqual([['1 "one"'], ['2 "two"']])
  })

  it('routes are asked anew after a while, and after a link broke', async () => {
    const { a, b, c, meet, network, clock, asked } = open()
    await meet()
    b.session('bob')
    const send = async () => {
      a.router.deliver([at('bob')], [event('x')])
      await clock.advance(0)
    }
    await send()
    await clock.advance(31_000)
    await send()
    await send()
    expect(asked).toHaveLength(2)
    network.cut('a', 'c')
    await clock.advance(0)
    const here = c.session('bob')
    network.heal('a', 'c')
    await clock.advance(3000)
    await send()
    expect(asked).toHaveLength(3)
    expect(here.got).toHaveLength(1)
  })

  it('while the registry does not answer, all nodes are tried', async () => {
    const answer = { fails: true }
    const { a, b, meet, asked, clock } = open(answer)
    await meet()
    const bob = b.session('bob')
    a.router.deliver([at('bob', '1')], [event('one')])
    await clock.advance(0)
    a.router.deliver([at('bob', '2')], [event('two')])
    await clock.advance(0)
    expect(bob.got).toHaveLength(2)
    expect(asked).toHaveLength(1)
    answer.fails = false
    await clock.advance(2000)
    a.router.deliver([at('bob', '3')], [event('three')])
    await clock.advance(0)
    expect(asked).toHaveLength(2)
    expect(bob.got).toHaveLength(3)
  })

  it('rows of nodes that are gone are harmless', async () => {
    const { a, b, meet, registry, clock } = open()
    await meet()
    const bob = b.session('bob')
    registry.set('bob', ['b', 'dead'])
    a.router.deliver([at('bob')], [event('one')])
    await clock.advance(0)
    expect(bob.got).toHaveLength(1)
  })

  it('typing and the like goes to all sessions of a user, on any node', async () => {
    const { a, b, c, meet, clock } = open()
    await meet()
    const sessions = [a.session('bob'), b.session('bob'), c.session('bob'), c.session('eve')]
    const frame: DownFrame = { t: 'typing', conversation: 'x', user: 'ann', state: 'typing' }
    a.router.broadcast(['bob'], frame)
    await clock.advance(0)
    expect(sessions.map(({ frames }) => frames)).toEqual([[frame], [frame], [frame], []])
  })
})
