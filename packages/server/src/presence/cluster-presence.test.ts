import { describe, expect, it } from 'vitest'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../adapters/memory/link-transport.ts'
import { MemoryPresenceStore } from '../adapters/memory/presence-store.ts'
import { Links } from '../delivery/links.ts'
import { unavailable } from '../lib/errors.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { ClusterPresence } from './cluster-presence.ts'
import type { PresenceStore } from './presence-store.ts'

function open() {
  const clock = new ManualClock()
  const network = new MemoryLinkNetwork(clock)
  const store = new MemoryPresenceStore(clock)
  const state = { away: false, reads: 0 }
  const dead = new Set<string>()
  const shared: Pick<PresenceStore, 'saveStatus' | 'statusOf' | 'dropNode'> = {
    saveStatus: async (node, statuses) => {
      if (state.away) throw unavailable('away')
      return store.saveStatus(node, statuses)
    },
    statusOf: async (users) => {
      state.reads++
      return store.statusOf(users)
    },
    dropNode: (node) => store.dropNode(node),
  }
  const names = ['a', 'b', 'c']
  const nodes = names.map((id, index) => {
    const transport = new MemoryLinkTransport(network, id)
    const links = new Links({ self: id, transport, clock, random: seededRandom(index), logger: silentLogger })
    const isAlive = (node: string) => !dead.has(node)
    const presence = new ClusterPresence({ self: id, store: shared, link: links, isAlive, clock, logger: silentLogger })
    const told: string[] = []
    presence.listen((user) => told.push(user))
    const of = async (user: string) => (await presence.statusOf([user])).get(user)?.status
    return { links, presence, told, of }
  })
  const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
  const meet = async () => {
    for (const { links } of nodes) links.setPeers(names.map((id) => ({ id, link: `http://${id}` })))
    await clock.advance(10)
  }
  return { clock, network, state, dead, a, b, c, meet }
}

describe('presence between nodes', () => {
  it('what a node says is known to one who asks first, and told to the others once a second', async () => {
    const { clock, state, a, b, meet } = open()
    await meet()
    a.presence.say('ann', 'away')
    a.presence.say('ann', 'online')
    await clock.advance(500)
    expect(b.told).toEqual([])
    await clock.advance(600)
    expect(b.told).toEqual(['ann'])
    expect([await b.of('ann'), await b.of('ann')]).toEqual(['online', 'online'])
    a.presence.say('ann', 'away')
    await clock.advance(1100)
    expect(await b.of('ann')).toBe('away')
    expect(state.reads).toBe(1)
    expect(await a.of('ann')).toBeUndefined()
  })

  it('a user is online where any node says so, away where none does and one says that', async () => {
    const { clock, a, b, c, meet } = open()
    await meet()
    a.presence.say('ann', 'away')
    b.presence.say('ann', 'online')
    await clock.advance(1100)
    expect(await c.of('ann')).toBe('online')
    b.presence.say('ann', 'offline')
    await clock.advance(1100)
    expect(await c.of('ann')).toBe('away')
    a.presence.say('ann', 'offline')
    await clock.advance(1100)
    expect(await c.of('ann')).toBeUndefined()
  })

  it('what was said while the store was read is not forgotten for what was read', async () => {
    const { clock, a, b, meet } = open()
    await meet()
    a.presence.say('ann', 'online')
    await clock.advance(1100)
    const asking = b.of('ann')
    a.presence.say('ann', 'offline')
    await clock.advance(1100)
    await asking
    expect(await b.of('ann')).toBeUndefined()
  })

  it('what the links lost is read anew', async () => {
    const { clock, network, a, b, meet } = open()
    await meet()
    a.presence.say('ann', 'online')
    await clock.advance(1100)
    expect(await b.of('ann')).toBe('online')
    network.cut('a', 'b')
    a.presence.say('ann', 'offline')
    await clock.advance(1100)
    expect(await b.of('ann')).toBeUndefined()
  })

  it('K1: those of a node that died are told to be offline when they had time to come back', async () => {
    const { clock, network, dead, a, b, meet } = open()
    await meet()
    a.presence.say('ann', 'online')
    await clock.advance(1100)
    expect(await b.of('ann')).toBe('online')
    network.kill('a')
    await clock.advance(100)
    expect(await b.of('ann')).toBe('online')
    dead.add('a')
    b.presence.gone('a')
    b.told.length = 0
    await clock.advance(9000)
    expect([await b.of('ann'), b.told]).toEqual(['online', []])
    await clock.advance(2000)
    expect([await b.of('ann'), b.told]).toEqual([undefined, ['ann']])
    const { at } = (await b.presence.statusOf(['ann'])).get('ann') ?? {}
    expect(at).toBeGreaterThan(0)
  })

  it('while the store is away the others are told all the same; then it catches up', async () => {
    const { clock, state, a, b, c, meet } = open()
    await meet()
    expect(await b.of('ann')).toBeUndefined()
    state.away = true
    a.presence.say('ann', 'online')
    await clock.advance(1100)
    expect([await b.of('ann'), await c.of('bob')]).toEqual(['online', undefined])
    state.away = false
    await clock.advance(7000)
    expect(await c.of('ann')).toBe('online')
  })

  it('says everything again before it is believed no more, and nothing after its end', async () => {
    const { clock, a, b, meet } = open()
    await meet()
    a.presence.say('ann', 'online')
    await clock.advance(600_000)
    expect(await b.of('ann')).toBe('online')
    await a.presence.close()
    await clock.advance(31_000)
    expect(await b.of('ann')).toBeUndefined()
  })
})
