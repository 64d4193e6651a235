import { describe, expect, it } from 'vitest'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../adapters/memory/link-transport.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { messagesOf } from './link-frame.ts'
import { Links } from './links.ts'
import { linkTopic } from './node-link.ts'

const news = linkTopic<{ n: number; text?: string }>('news')
const rumour = linkTopic<{ text: string }>('rumour', 'transient')
const question = linkTopic<{ text: string }>('question', 'request')

function open(names: readonly string[]) {
  const clock = new ManualClock()
  let frozen = false
  const { every } = clock
  clock.every = (period, run) => every.call(clock, period, () => frozen || run())
  const network = new MemoryLinkNetwork(clock)
  const frames: { from: string; to: string; topics: string[] }[] = []
  network.carries = (from, to, bytes) => {
    const topics = [...messagesOf(bytes)].map(([topic]) => topic).filter((topic) => !topic.startsWith('~'))
    if (topics.length > 0) frames.push({ from, to, topics })
    return true
  }
  const nodes = names.map((id, index) => {
    const transport = new MemoryLinkTransport(network, id)
    const links = new Links({ self: id, transport, clock, random: seededRandom(index), logger: silentLogger })
    const got: { from: string; n: number }[] = []
    const told: string[] = []
    links.listen(news, ({ n }, from) => got.push({ from, n }))
    links.watch({
      missed: (node) => told.push(`missed ${node}`),
      up: (node) => told.push(`up ${node}`),
      down: (node) => told.push(`down ${node}`),
    })
    return { id, links, got, told }
  })
  const peers = names.map((id) => ({ id, link: `http://${id}` }))
  const meet = async (): Promise<void> => {
    for (const { links } of nodes) links.setPeers(peers)
    await clock.advance(10)
  }
  const node = (index: number) => nodes[index] as (typeof nodes)[number]
  const freeze = (still: boolean): void => {
    frozen = still
  }
  return { clock, network, frames, nodes, node, meet, peers, freeze }
}

describe('links between nodes', () => {
  it('what is sent in one turn leaves as one frame, and arrives in order', async () => {
    const { node, meet, frames, clock } = open(['a', 'b', 'c'])
    await meet()
    expect(node(0).links.linked).toEqual(['b', 'c'])
    for (const n of [1, 2]) expect(node(0).links.send('b', news, { n })).toBe(true)
    node(0).links.broadcast(news, { n: 3 })
    await clock.advance(0)
    expect(node(1).got).toEqual([1, 2, 3].map((n) => ({ from: 'a', n })))
    expect(node(2).got).toEqual([{ from: 'a', n: 3 }])
    expect(frames).toEqual([
      { from: 'a', to: 'b', topics: ['news', 'news', 'news'] },
      { from: 'a', to: 'c', topics: ['news'] },
    ])
    expect(node(1).told).toEqual(['up a', 'up c'])
  })

  it('a link that broke is told at once on both sides, and comes again; what was missed is told', async () => {
    const { node, meet, network, clock } = open(['a', 'b'])
    await meet()
    network.cut('a', 'b')
    await clock.advance(0)
    expect(node(0).told.slice(1).sort()).toEqual(['down b', 'missed b'])
    expect(node(0).links.send('b', news, { n: 1 })).toBe(false)
    expect(node(0).links.isUp('b')).toBe(false)
    network.heal('a', 'b')
    await clock.advance(3000)
    expect(node(0).links.isUp('b')).toBe(true)
    expect(node(1).told.filter((told) => told === 'missed a')).toHaveLength(2)
    expect(node(0).links.send('b', news, { n: 2 })).toBe(true)
    await clock.advance(0)
    expect(node(1).got).toEqual([{ from: 'a', n: 2 }])
  })

  it('a node that nobody has said anything to misses nothing when its links come up late', async () => {
    const { node, meet, network, clock } = open(['a', 'b'])
    network.cut('a', 'b')
    await meet()
    network.heal('a', 'b')
    await clock.advance(3000)
    expect(node(0).told).toEqual(['up b'])
    expect(node(1).told).toEqual(['up a'])
  })

  it('hints for a node that is not known yet are told as missed once it is', async () => {
    const { node, meet, clock } = open(['a', 'b'])
    expect(node(0).links.send('b', news, { n: 1 })).toBe(false)
    expect(node(1).links.send('a', question, { text: '?' })).toBe(false)
    await meet()
    await clock.advance(0)
    expect(node(1).told).toContain('missed a')
    expect(node(0).told).not.toContain('missed b')
  })

  it('a frozen node is noticed within 2 s by all others, and is taken back', async () => {
    const { node, meet, network, clock } = open(['a', 'b', 'c'])
    await meet()
    const { carries } = network
    network.carries = (from, to, bytes) => from !== 'a' && carries(from, to, bytes)
    await clock.advance(2000)
    expect(node(1).told.slice(2).sort()).toEqual(['down a', 'missed a'])
    expect(node(2).links.isUp('a')).toBe(false)
    network.carries = carries
    await clock.advance(5000)
    expect(node(2).links.linked.toSorted()).toEqual(['a', 'b'])
  })

  it('a machine that stood still as a whole accuses nobody', async () => {
    const { node, meet, clock, freeze } = open(['a', 'b'])
    await meet()
    freeze(true)
    await clock.advance(30_000)
    freeze(false)
    await clock.advance(3000)
    expect(node(0).told).toEqual(['up b'])
  })

  it('an end in order is no loss', async () => {
    const { node, meet, clock, peers } = open(['a', 'b'])
    await meet()
    node(0).links.send('b', news, { n: 1 })
    node(0).links.close()
    node(1).links.setPeers(peers.slice(1))
    await clock.advance(5000)
    expect(node(1).got).toEqual([{ from: 'a', n: 1 }])
    expect(node(1).told).toEqual(['up a', 'down a'])
  })

  it('buffers are bounded: what is never stored is dropped first, dropped hints are told as missed', async () => {
    const { node, meet, network, clock } = open(['a', 'b'])
    await meet()
    const text = 'x'.repeat(64 * 1024)
    const count = (send: () => boolean): number => {
      let sent = 0
      while (send()) sent++
      return sent
    }
    const { links } = node(0)
    expect(count(() => links.send('b', rumour, { text }))).toBeLessThan(6)
    expect(links.send('b', news, { n: 1, text })).toBe(true)
    expect(count(() => links.send('b', news, { n: 1, text }))).toBeLessThan(130)
    expect(links.send('b', question, { text })).toBe(false)
    expect(network.ends.size).toBe(4)
    await clock.advance(600)
    expect(links.send('b', rumour, { text })).toBe(true)
    await clock.advance(0)
    expect(node(1).told).toEqual(['up a', 'missed a'])
  })

  it('knows a moment of its own on the clock of the other', async () => {
    const { node, meet, network, clock } = open(['a', 'b'])
    network.delay = () => 3
    expect(node(0).links.timeAt('b', 5)).toBeUndefined()
    await meet()
    await clock.advance(20)
    // Both ends of this network share one clock.
    expect(node(0).links.timeAt('b', 5)).toBeCloseTo(5)
  })

  it('a message that cannot be handled, or is not known, harms nobody else', async () => {
    const { node, meet, clock } = open(['a', 'b'])
    await meet()
    node(1).links.listen(question, () => {
      throw new Error('no')
    })
    node(0).links.send('b', question, { text: '?' })
    node(0).links.send('b', linkTopic<null>('of-a-later-version'), null)
    node(0).links.send('b', news, { n: 9 })
    await clock.advance(0)
    expect(node(1).got).toEqual([{ from: 'a', n: 9 }])
  })
})
