import type { CloseCode } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../adapters/memory/link-transport.ts'
import { Hub } from '../delivery/hub.ts'
import { Links } from '../delivery/links.ts'
import type { Clock } from '../lib/clock.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { TakeOver } from './take-over.ts'

/** Two nodes whose clocks count from different moments. */
function open() {
  const time = new ManualClock()
  const network = new MemoryLinkNetwork(time)
  network.delay = () => 4
  const nodes = ['a', 'b'].map((id, index) => {
    const started = index * 1_000_000
    const clock: Clock = {
      now: () => time.now(),
      monotonic: () => time.monotonic() + started,
      after: (delay, run) => time.after(delay, run),
      every: (period, run) => time.every(period, run),
      soon: (run) => time.soon(run),
    }
    const hub = new Hub()
    const transport = new MemoryLinkTransport(network, id)
    const links = new Links({ self: id, transport, clock, random: seededRandom(index), logger: silentLogger })
    const takeOver = new TakeOver(links, hub, clock)
    const connect = (device = 'phone') => {
      const codes: CloseCode[] = []
      const openedAt = clock.monotonic()
      const session = {
        user: 'ann',
        device,
        openedAt,
        offer: () => {},
        sendTransient: () => true,
        wake: () => {},
        close: (code: CloseCode) => {
          codes.push(code)
          hub.remove(session)
        },
      }
      hub.add(session)
      hub.settleRivals(session)
      takeOver.opened(session, openedAt)
      return codes
    }
    return { links, connect }
  })
  const [a, b] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  const peers = ['a', 'b'].map((id) => ({ id, link: `http://${id}` }))
  const meet = async () => {
    for (const { links } of nodes) links.setPeers(peers)
    await time.advance(100)
  }
  return { time, network, a, b, meet }
}

describe('K4: one socket of a device, on whichever node', () => {
  it('the older one gives way, the other devices stay', async () => {
    const { time, a, b, meet } = open()
    await meet()
    const [old, laptop] = [a.connect(), a.connect('laptop')]
    await time.advance(50)
    const fresh = b.connect()
    await time.advance(50)
    expect([old, laptop, fresh]).toEqual([[4104], [], []])
    const again = a.connect()
    await time.advance(50)
    expect([fresh, again]).toEqual([[4104], []])
  })

  it('one that moved on before the word of it came keeps the newer socket', async () => {
    const { time, network, a, b, meet } = open()
    await meet()
    network.delay = (from) => (from === 'a' ? 900 : 4)
    const old = a.connect()
    await time.advance(100)
    const fresh = b.connect()
    await time.advance(1500)
    expect([old, fresh]).toEqual([[4104], []])
  })

  it('a socket that was opened while there was no link is told once there is one', async () => {
    const { time, network, a, b, meet } = open()
    await meet()
    const old = a.connect()
    await time.advance(50)
    network.cut('a', 'b')
    await time.advance(3000)
    const fresh = b.connect()
    await time.advance(3000)
    expect(old).toEqual([])
    network.heal('a', 'b')
    await time.advance(3000)
    expect([old, fresh]).toEqual([[4104], []])
  })
})
