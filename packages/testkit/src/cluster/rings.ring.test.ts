import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineNode } from '../../../../engines/lib/engine-node.ts'
import { engineNodes } from '../../../../engines/operate.ts'
import { zookeeperLeader } from '../../../../engines/zookeeper/zookeeper.ts'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { Chatter } from '../chatter.ts'
import { count } from './bounds.ts'
import { missingEngines } from './cluster-space.ts'
import { Prober } from './prober.ts'
import { TestCluster } from './test-cluster.ts'

const rounds = count('PARLEY_TEST_RING_ROUNDS', 1)
const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)
/** ms that one of three is away, within what a send is answered one way or the other, and until all is as before. */
const [away, answered, recovery] = [10_000, 12_000, 120_000]

const isRing = (url: string | undefined): boolean => (url ?? '').split(',').length === 3
const missing =
  missingEngines ||
  (isRing(process.env.PARLEY_CASSANDRA_URL) && isRing(process.env.PARLEY_ZOOKEEPER_URL)
    ? ''
    : ' (no rings: npm run test:cluster brings up cassandra3 and zookeeper3)')

let cluster: TestCluster
let chatter: Chatter
let prober: Prober

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function leader(): Promise<EngineNode> {
  const nodes = engineNodes('zookeeper3')
  await expect.poll(() => zookeeperLeader(nodes), { timeout: 30_000, message: 'somebody leads' }).toBeDefined()
  return (await zookeeperLeader(nodes))!
}

describe.skipIf(missing !== '')(`one of three of an engine is away (seed ${seed})${missing}`, () => {
  beforeEach(async () => {
    const random = seededRandom(seed)
    cluster = await TestCluster.start()
    const url = () => cluster.nodes[Math.floor(random.float() * cluster.nodes.length)]!.url
    chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 4 })
    prober = await Prober.start(url)
  }, 120_000)
  afterEach(async () => {
    await prober?.close()
    await chatter?.close()
    await cluster?.close()
  }, 60_000)

  /**
   * Everybody talks while `happen` happens; afterwards all is as before, and every promise was kept.
   * @returns how many sends were stored meanwhile
   */
  async function under(name: string, happen: () => Promise<void>): Promise<number> {
    chatter.talk()
    await chatter.progress(40)
    const before = { answered: chatter.answered, refused: prober.refused, probes: prober.answers.length }
    await happen()
    const meanwhile = chatter.answered - before.answered
    await chatter.progress(100, recovery)
    await chatter.quiet(recovery)
    const slowest = Math.max(...prober.answers.slice(before.probes).map(({ took }) => took))
    const refused = prober.refused - before.refused
    const probes = prober.answers.length - before.probes
    process.stdout.write(
      `${name}: ${meanwhile} sends stored meanwhile; of ${probes} probes ${refused} refused, slowest answer ${slowest.toFixed(0)} ms\n`,
    )
    expect(prober.wrong(answered), 'each is answered in time, or told when to come back').toEqual([])
    await expect.poll(() => prober.answers.at(-1)?.status, { timeout: recovery }).toBe(201)
    expect(await chatter.judge(), name).toEqual([])
    expect(cluster.running, 'no node ended').toHaveLength(cluster.nodes.length)
    return meanwhile
  }

  it(`Cassandra: each is killed and comes back, ${rounds}×`, { timeout: 120_000 + rounds * 900_000 }, async () => {
    for (let round = 0; round < rounds; round++) {
      for (const node of engineNodes('cassandra3')) {
        const meanwhile = await under(`${node.spec.name} killed`, async () => {
          await node.kill()
          await pause(away)
          await node.start()
        })
        expect(meanwhile, 'two of three are enough').toBeGreaterThan(0)
      }
    }
    expect(await chatter.judge(true), 'all logs read again').toEqual([])
  })

  it(`ZooKeeper: the leader is killed and comes back, ${rounds}×`, {
    timeout: 120_000 + rounds * 300_000,
  }, async () => {
    for (let round = 0; round < rounds; round++) {
      const node = await leader()
      await under(`${node.spec.name}, the leader, killed`, async () => {
        await node.kill()
        await pause(away)
        await node.start()
      })
    }
    expect(await chatter.judge(true), 'all logs read again').toEqual([])
  })

  it(`ZooKeeper: the leader stands still, ${rounds}×`, { timeout: 120_000 + rounds * 300_000 }, async () => {
    for (let round = 0; round < rounds; round++) {
      const node = await leader()
      await under(`${node.spec.name}, the leader, stands still`, async () => {
        await node.freeze()
        try {
          await pause(2 * away)
        } finally {
          node.thaw()
        }
      })
    }
    expect(await chatter.judge(true), 'all logs read again').toEqual([])
  })
})
