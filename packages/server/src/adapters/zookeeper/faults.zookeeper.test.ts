import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { zookeeperSingle } from '../../../../../engines/zookeeper/zookeeper.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { type OwnEngine, startOwn } from '../../lib/own-engine.contract.ts'
import { systemRandom } from '../../lib/random.ts'
import { until } from '../../lib/stores.contract.ts'
import { endSession } from './fixtures.contract.ts'
import { expectUnique, IdProbe } from './id-probe.contract.ts'
import { type OpenZooKeeper, openZooKeeper } from './zookeeper.ts'

const isThere = process.env.PARLEY_ZOOKEEPER_URL !== undefined
const title = `ZooKeeper in trouble${isThere ? '' : ' (it is not running: npm run engines -- up zookeeper)'}`

const info = (id: string) => ({
  id,
  url: `http://${id}`,
  link: `http://${id}:1`,
  roles: [],
  sessions: 0,
  draining: false,
})

describe.skipIf(!isThere)(title, () => {
  let own: OwnEngine
  let nodes: OpenZooKeeper[]
  let probes: IdProbe[]
  const timeout = 3000

  const open = async () => {
    const url = `${own.variables.PARLEY_ZOOKEEPER_URL}?timeout=${timeout}`
    const node = await openZooKeeper(url, { clock: systemClock, random: systemRandom, logger: silentLogger })
    nodes.push(node)
    return node
  }
  const start = async () => {
    const node = await open()
    await node.coordinator.announce(info(`n${nodes.length}`))
    const probe = await IdProbe.start(node.coordinator)
    probes.push(probe)
    return { ...node, probe }
  }
  const leaders = () => nodes.filter(({ coordinator }) => coordinator.leads('janitor'))
  const seen = () => nodes.map(({ coordinator }) => coordinator.nodes().length)

  beforeEach(async () => {
    nodes = []
    probes = []
    own = await startOwn(zookeeperSingle)
  })
  afterEach(async () => {
    for (const probe of probes) probe.stop()
    for (const node of nodes) await node.close()
    await own.stop()
    expectUnique(probes)
  })

  for (const [what, harm, heal] of [
    ['killed', () => own.node.kill(), () => own.node.start()],
    ['frozen', () => own.node.freeze(), async () => own.node.thaw()],
  ] as const) {
    it(`${what} for a moment: ids go on without a gap, and so does everything else`, async () => {
      const [one, other] = [await start(), await start()]
      await until(() => leaders().length === 1 && seen().join() === '2,2', 5000)
      const sessions = nodes.map(({ connection }) => connection.session)
      for (const { probe } of [one, other]) probe.takeLongest()
      await harm()
      await new Promise((resolve) => setTimeout(resolve, 500))
      await heal()
      await until(() => nodes.every(({ connection }) => connection.isSure(0.4)), 10_000)
      for (const { probe } of [one, other]) expect(probe.takeLongest()).toBeLessThan(500)
      expect(nodes.map(({ connection }) => connection.session)).toEqual(sessions)
      expect(seen()).toEqual([2, 2])
      await until(() => leaders().length === 1, 5000)
    }, 40_000)

    it(`${what} for long: leads and makes ids until others could, then no more, and comes back by itself`, async () => {
      const [one, other] = [await start(), await start()]
      await until(() => leaders().length === 1 && seen().join() === '2,2', 5000)
      const worker = (await one.coordinator.lease()).worker
      const harmed = performance.now()
      await harm()
      const until1 = await until(() => leaders().length === 0, timeout)
      expect(until1).toBeGreaterThan((timeout * 2) / 3 - timeout / 4)
      await until(() => [one, other].every(({ probe }) => probe.silence > 300), timeout * 2)
      const ended = performance.now() - harmed - 300
      expect(ended).toBeGreaterThan(timeout / 2)
      expect(ended).toBeLessThan(timeout + 300)
      // Known from before, and what is asked is answered at once.
      expect(seen()).toEqual([2, 2])
      const lease = await one.coordinator.lease()
      await expect(lease.raise(systemClock.now() + 60_000)).rejects.toMatchObject({ code: 'unavailable' })
      await expect(one.check()).rejects.toMatchObject({ code: 'unavailable' })
      await new Promise((resolve) => setTimeout(resolve, timeout))
      await heal()
      await until(() => [one, other].every(({ probe }) => probe.silence < 100), 10_000)
      await until(() => leaders().length === 1 && seen().join() === '2,2', 10_000)
      expect([lease.held(), lease.worker]).toEqual([true, worker])
    }, 60_000)
  }

  it('away at the start: waits for it a while, then tells; takes part as soon as it is there', async () => {
    await own.node.kill()
    const { coordinator } = await open()
    const announced = coordinator.announce(info('late'))
    await expect(announced).rejects.toMatchObject({ code: 'unavailable' })
    const leased = coordinator.lease()
    await own.node.start()
    expect((await leased).held()).toBe(true)
    await until(() => coordinator.nodes().some(({ id }) => id === 'late'), 5000)
  }, 40_000)

  it('sessions that end under load: no id twice, and everything is there again', async () => {
    const [one, other] = [await start(), await start()]
    const servers = own.variables.PARLEY_ZOOKEEPER_URL?.replace(/^zookeeper:..|\/parley$/g, '') as string
    for (let round = 0; round < 6; round++) {
      await endSession((round % 2 ? one : other).connection, servers)
      await until(() => [one, other].every(({ probe }) => probe.silence < 50), 5000)
    }
    await until(() => leaders().length === 1 && seen().join() === '2,2', 5000)
  }, 60_000)
})
