import { describe, expect, it } from 'vitest'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../adapters/memory/link-transport.ts'
import { Links } from '../delivery/links.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { SharedProgress } from './index-progress.ts'

/** Three nodes of which the first leads. */
async function open() {
  const clock = new ManualClock()
  const network = new MemoryLinkNetwork(clock)
  const alive = new Set(['a', 'b', 'c'])
  const leader = { name: 'a' }
  const nodes = ['a', 'b', 'c'].map((id, index) => {
    const transport = new MemoryLinkTransport(network, id)
    const link = new Links({ self: id, transport, clock, random: seededRandom(index), logger: silentLogger })
    const others = () => [...alive].filter((other) => other !== id)
    const progress = new SharedProgress({ what: 'indexed', link, others, leads: () => leader.name === id, clock })
    link.setPeers([...alive].map((other) => ({ id: other, link: `http://${other}` })))
    return progress
  })
  const [a, b, c] = nodes as [SharedProgress, SharedProgress, SharedProgress]
  await clock.advance(10)
  const look = (progress: SharedProgress) => {
    const must = progress.mustLook()
    progress.looked()
    return must
  }
  return { clock, alive, leader, a, b, c, look }
}

describe('how far the search is fed, among nodes', () => {
  it('the leader keeps the position behind what every node says of itself; the others keep none', async () => {
    const { clock, a, b, c, look } = await open()
    expect([look(a), look(b)]).toEqual([true, false])
    expect(look(a)).toBe(false)
    expect(a.position(500)).toBeUndefined()
    expect([b.position(300), c.position(400)]).toEqual([undefined, undefined])
    await clock.advance(3100)
    expect(a.position(500)).toBe(300)
    b.position(900)
    await clock.advance(3100)
    expect(a.position(500)).toBe(400)
  })

  it('what a dead node left is looked for once, and holds the position until then', async () => {
    const { clock, alive, a, b, c, look } = await open()
    look(a)
    b.position(300)
    c.position(400)
    await clock.advance(3100)
    alive.delete('b')
    a.gone('b')
    expect(a.position(500)).toBe(300)
    expect(look(a)).toBe(true)
    expect([a.position(500), look(a)]).toEqual([400, false])
  })

  it('one that ended in order left nothing', async () => {
    const { clock, alive, a, b, c, look } = await open()
    look(a)
    b.position(300)
    c.position(400)
    await clock.advance(3100)
    b.done()
    await clock.advance(10)
    alive.delete('b')
    a.gone('b')
    expect([look(a), a.position(500)]).toEqual([false, 400])
  })

  it('a look that failed is made again, and nothing is passed before', async () => {
    const { clock, a, b, c, look } = await open()
    b.position(300)
    c.position(400)
    await clock.advance(3100)
    expect([a.mustLook(), a.position(500)]).toEqual([true, undefined])
    expect([a.mustLook(), a.position(500)]).toEqual([true, undefined])
    expect([look(a), look(a), a.position(500)]).toEqual([true, false, 300])
  })

  it('whoever comes to lead looks first', async () => {
    const { leader, a, b, look } = await open()
    look(a)
    look(b)
    leader.name = 'b'
    expect([look(a), look(b), look(b)]).toEqual([false, true, false])
  })
})
