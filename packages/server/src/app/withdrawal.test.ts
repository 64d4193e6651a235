import { describe, expect, it } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { openMemoryCluster, send } from './memory-cluster.contract.ts'
import { Withdrawal } from './withdrawal.ts'

/** Three nodes; whatever a test says of the first one is its trouble. */
async function open(names?: string[]) {
  const world = await openMemoryCluster(names)
  const state: { trouble: string | undefined } = { trouble: undefined }
  const { cluster, gateway } = world.node(0)
  const told: string[] = []
  const logger = { ...silentLogger, error: (_: object, text: string) => told.push(text) }
  const withdrawal = new Withdrawal({
    trouble: () => state.trouble,
    cluster: cluster!,
    gateway,
    clock: world.clock,
    logger,
  })
  withdrawal.start()
  return { ...world, state, told, withdrawal }
}

describe('a node that cannot serve', () => {
  it('K3: sends its clients to others, is given nobody and no lane, and is there again when it can', async () => {
    const { node, person, group, settle, state, told, withdrawal } = await open()
    const people = []
    for (let count = 0; count < 30; count++) people.push(await person())
    const chat = await group(people)
    const sockets = people.map((one) => node(0).connect(one))
    await settle()
    state.trouble = 'the clock is wrong'
    await settle(1000)
    expect(told).toHaveLength(1)
    for (const { frames, codes } of sockets) {
      expect(frames.at(-1)).toMatchObject({ t: 'bye', reconnect: true, url: expect.stringMatching(/[bc]\.test$/) })
      expect(codes).toEqual([4004])
    }
    for (const one of people) {
      const { url } = await node(2).call<{ url: string }>(one, 'POST', '/v1/connect')
      expect(url).not.toBe('http://a.test')
    }
    expect(node(1).cluster?.members.laneOf(chat)).not.toBe('a')
    const other = node(1).connect(people[0]!)
    await settle()
    other.write(send(chat, 'm1'))
    await settle()
    expect(other.frames.at(-1)).toMatchObject({ t: 'ok' })

    state.trouble = undefined
    await settle(1000)
    const places = new Set<string>()
    for (const one of people) places.add((await node(2).call<{ url: string }>(one, 'POST', '/v1/connect')).url)
    expect(places).toContain('http://a.test')
    withdrawal.stop()
  })

  it('keeps its clients where there is nobody else', async () => {
    const { node, person, settle, state } = await open(['a'])
    const socket = node(0).connect(await person())
    await settle()
    state.trouble = 'the clock is wrong'
    await settle(2000)
    expect(socket.codes).toEqual([])
  })
})
