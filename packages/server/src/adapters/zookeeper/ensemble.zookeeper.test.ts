import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { zookeeperEnsemble, zookeeperLeader } from '../../../../../engines/zookeeper/zookeeper.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { type OwnEngine, startOwn } from '../../lib/own-engine.contract.ts'
import { systemRandom } from '../../lib/random.ts'
import { until } from '../../lib/stores.contract.ts'
import { expectUnique, IdProbe } from './id-probe.contract.ts'
import { type OpenZooKeeper, openZooKeeper } from './zookeeper.ts'

const isThere = process.env.PARLEY_ZOOKEEPER_URL !== undefined
const title = `An ensemble of three ZooKeepers${isThere ? '' : ' (none is running: npm run engines -- up zookeeper)'}`
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
  let sessions: (string | undefined)[]

  beforeAll(async () => {
    own = await startOwn(zookeeperEnsemble)
  }, 60_000)
  afterAll(() => own.stop())

  const leaders = () => nodes.filter(({ coordinator }) => coordinator.leads('janitor')).length
  const seen = () => nodes.map(({ coordinator }) => coordinator.nodes().length)
  const areWell = () =>
    nodes.every(({ connection }) => connection.isSure(0.3)) && leaders() === 1 && seen().join() === '3,3,3'
  const leader = async () => {
    const node = await zookeeperLeader(own.nodes)
    if (!node) throw new Error('nobody leads the ensemble')
    return node
  }

  beforeEach(async () => {
    nodes = []
    probes = []
    for (const name of ['a', 'b', 'c']) {
      const world = { clock: systemClock, random: systemRandom, logger: silentLogger }
      const node = await openZooKeeper(own.variables.PARLEY_ZOOKEEPER_URL as string, world)
      nodes.push(node)
      await node.coordinator.announce(info(name))
      probes.push(await IdProbe.start(node.coordinator))
    }
    await until(areWell, 10_000)
    sessions = nodes.map(({ connection }) => connection.session)
    for (const probe of probes) probe.takeLongest()
  }, 40_000)
  afterEach(async () => {
    for (const probe of probes) probe.stop()
    for (const node of nodes) await node.close()
    for (const node of own.nodes) await node.start()
    expectUnique(probes)
  }, 60_000)

  /** The session of every node goes on; the longest time without ids and the time until all is well, ms. */
  const measured = async (what: string, recovery: number) => {
    const gap = Math.round(Math.max(...probes.map((probe) => probe.takeLongest())))
    expect(nodes.map(({ connection }) => connection.session)).toEqual(sessions)
    process.stdout.write(`ZooKeeper, ${what}: well again after ${Math.round(recovery)} ms, ${gap} ms without ids\n`)
    return { recovery, gap }
  }
  /** Until the ensemble has answered a write of each node, and all is as it was; the time until the former. */
  const wellAgain = async (patience: number) => {
    const pulse = ({ connection }: OpenZooKeeper) =>
      connection.write((client) => client.set('/parley/pulse', '')).then(() => true)
    const times = await Promise.all(nodes.map((node) => until(() => pulse(node), patience)))
    await until(areWell, patience)
    return Math.max(...times)
  }

  it('leader killed: sessions and leases go on, no id fails', async () => {
    const node = await leader()
    await node.kill()
    const { recovery, gap } = await measured('leader killed', await wellAgain(30_000))
    expect(recovery).toBeLessThan(10_000)
    expect(gap).toBeLessThan(1000)
  }, 60_000)

  it('leader frozen: clients leave it and are back once another leads', async () => {
    const node = await leader()
    await node.freeze()
    const { recovery, gap } = await measured('leader frozen', await wellAgain(40_000))
    expect(recovery).toBeLessThan(20_000)
    expect(gap).toBeLessThan(10_000)
    node.thaw()
  }, 90_000)

  it('all killed: ids go on as long as their lease is sure, and again when the ensemble is back', async () => {
    await Promise.all(own.nodes.map((node) => node.kill()))
    await until(() => probes.every((probe) => probe.silence > 200), 15_000)
    const starting = Promise.all(own.nodes.map((node) => node.start()))
    await measured('all killed until ids ran out, then started', await wellAgain(30_000))
    await starting
  }, 90_000)

  it('tells of all servers', async () => {
    const report = await (nodes[0] as OpenZooKeeper).check()
    expect(report.settings.servers?.match(/leader|follower/g)?.sort()).toEqual(['follower', 'follower', 'leader'])
    expect(report.advice).toEqual([])
  })
})
