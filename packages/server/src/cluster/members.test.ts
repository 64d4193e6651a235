import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryCluster, MemoryCoordinator } from '../adapters/memory/coordinator.ts'
import type { NodeInfo } from './coordinator.ts'
import { Members } from './members.ts'
import { choose } from './rendezvous.ts'

const info = (id: string, more: Partial<NodeInfo> = {}): NodeInfo => ({
  id,
  url: `https://${id}.example.org`,
  link: `http://${id}`,
  roles: ['chat', 'api'],
  sessions: 0,
  draining: false,
  ...more,
})

const users = Array.from({ length: 3000 }, (_, index) => `u${index}`)

async function open(nodes: NodeInfo[]) {
  const cluster = new MemoryCluster()
  const coordinators = nodes.map(() => new MemoryCoordinator(cluster))
  const own = [...nodes]
  for (const [index, node] of nodes.entries()) await coordinators[index]?.announce(node)
  const cut = new Set<string>()
  const members = coordinators.map(
    (coordinator, index) =>
      new Members(
        () => own[index] as NodeInfo,
        coordinator,
        (id) => !cut.has(id),
      ),
  )
  const announce = async (index: number, more: Partial<NodeInfo>): Promise<void> => {
    own[index] = { ...(own[index] as NodeInfo), ...more }
    await coordinators[index]?.announce(own[index] as NodeInfo)
    for (const one of members) one.refresh()
  }
  return { coordinators, members: members as [Members, Members, Members], announce, cut }
}

const share = (members: Members, id: string, avoid?: string): number =>
  users.filter((user) => members.allocate(user, avoid)?.id === id).length / users.length

describe('the nodes of a cluster', () => {
  it('all choose the same node for a user, each about as often as the others', async () => {
    const { members } = await open([info('a'), info('b'), info('c')])
    for (const user of users.slice(0, 100)) {
      expect(new Set(members.map((one) => one.allocate(user)?.id)).size).toBe(1)
    }
    for (const id of ['a', 'b', 'c']) expect(share(members[0], id)).toBeCloseTo(1 / 3, 1)
  })

  it('a node whose links broke gets nobody, though its session in the coordinator lasts', async () => {
    const { members, cut } = await open([info('a'), info('b'), info('c')])
    cut.add('b')
    expect(share(members[0], 'b')).toBe(0)
    expect(share(members[0], 'c', 'https://a.example.org')).toBe(1)
    // Who is cut off from all sends people to itself, and to others only when told to avoid that.
    cut.add('c')
    expect(share(members[0], 'a')).toBe(1)
    expect(share(members[0], 'a', 'https://a.example.org')).toBe(0)
  })

  it('a node with more sessions is chosen less often, one that leaves or serves no sockets never', async () => {
    const { members, announce } = await open([info('a', { sessions: 9000 }), info('b', { sessions: 3000 }), info('c')])
    expect(share(members[0], 'a')).toBeLessThan(share(members[0], 'b'))
    expect(share(members[0], 'b')).toBeLessThan(share(members[0], 'c'))
    await announce(1, { draining: true })
    expect(share(members[0], 'b')).toBe(0)
    await announce(2, { roles: ['api'] })
    expect(share(members[2], 'a')).toBe(1)
    await announce(0, { draining: true })
    expect(members[1].allocate('u')).toMatchObject({ draining: true })
    expect(members[1].allocate('u', undefined, 'b')?.id).toBeUndefined()
  })

  it('the node to be avoided is chosen only when it is the only one, however its address is written', async () => {
    const { members, announce } = await open([info('a'), info('b'), info('c')])
    expect(share(members[0], 'a', 'wss://a.example.org/')).toBe(0)
    expect(share(members[0], 'a', 'https://a.example.org')).toBe(0)
    expect(share(members[0], 'a', 'wss://a.example.org/v1/socket')).toBe(0)
    await announce(1, { draining: true })
    await announce(2, { draining: true })
    expect(share(members[0], 'a', 'https://a.example.org')).toBe(1)
  })

  it('only what was on a node moves when it goes; who goes is told', async () => {
    const { members, coordinators } = await open([info('a'), info('b'), info('c')])
    const gone: string[] = []
    members[0].onGone((id) => gone.push(id))
    const before = users.map((user) => members[0].allocate(user)?.id)
    await coordinators[1]?.close()
    members[0].refresh()
    const after = users.map((user) => members[0].allocate(user)?.id)
    expect(after.filter((id, index) => id !== before[index] && before[index] !== 'b')).toEqual([])
    expect(gone).toEqual(['b'])
    expect([members[0].isAlive('b'), members[0].isAlive('a'), members[0].isAlive('c')]).toEqual([false, true, true])
  })

  it('a lane is on one node that all agree on, among those that can be reached', async () => {
    const { members, announce, cut } = await open([info('a'), info('b'), info('c')])
    const places = (conversation: string) =>
      members.map((one, index) => one.laneOf(conversation) ?? ['a', 'b', 'c'][index])
    for (const user of users.slice(0, 100)) expect(new Set(places(user)).size).toBe(1)
    const onB = users.find((user) => members[0].laneOf(user) === 'b') as string
    cut.add('b')
    members[0].refresh()
    expect(members[0].laneOf(onB)).not.toBe('b')
    cut.delete('b')
    await announce(1, { draining: true })
    expect(places(onB)).not.toContain('b')
  })
})

it('rendezvous: heavier candidates are chosen in proportion, and a key keeps its place', () => {
  const candidates = [
    { id: 'a', weight: 1 },
    { id: 'b', weight: 3 },
  ]
  const chosen = users.filter((user) => choose(user, candidates)?.id === 'b').length
  expect(chosen / users.length).toBeCloseTo(0.75, 1)
  fc.assert(
    fc.property(fc.string(), fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 }), (key, ids) => {
      const all = ids.map((id) => ({ id, weight: 1 }))
      const best = choose(key, all)
      expect(choose(key, all.toReversed())).toBe(best)
      const others = all.filter((one) => one !== best)
      const [one] = others
      if (one) expect(choose(key, [one, ...(best ? [best] : [])])).toBe(best)
      expect(choose(key, [])).toBeUndefined()
    }),
  )
})
