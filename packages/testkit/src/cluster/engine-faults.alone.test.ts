import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineName } from '../../../../engines/engine.ts'
import { engineNodes, look } from '../../../../engines/operate.ts'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { Chatter } from '../chatter.ts'
import { type HttpAnswer, RawApi, register } from '../raw-api.ts'
import { missingEngines } from './cluster-space.ts'
import { TestCluster } from './test-cluster.ts'

const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)
/** Milliseconds: what an engine that was killed is away, and within what everything is as before. */
const away = 3000
const recovery = 90_000

let cluster: TestCluster
let chatter: Chatter

/** Of an engine that is had alone or as an ensemble, the one that the nodes use. */
async function inUse(...names: EngineName[]): Promise<EngineName> {
  for (const name of names) {
    const { serves, setup } = await look(name)
    if (serves && Object.values(process.env).some((value) => value?.includes(`:${setup.port}`))) return name
  }
  return names[0]!
}

describe.skipIf(missingEngines !== '')(`engines that die under three nodes (seed ${seed})${missingEngines}`, () => {
  beforeEach(async () => {
    const random = seededRandom(seed)
    cluster = await TestCluster.start()
    const url = () => cluster.nodes[Math.floor(random.float() * cluster.nodes.length)]!.url
    chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 8 })
  }, 90_000)
  afterEach(async () => {
    await chatter?.close()
    await cluster?.close()
  }, 60_000)

  /** Everybody talks again, and every promise held. */
  async function recovered(what: string): Promise<void> {
    await chatter.progress(40, recovery)
    await chatter.quiet(recovery)
    expect(await chatter.judge(), what).toEqual([])
  }

  it.each([
    ['Redis', ['redis']],
    ['MongoDB', ['mongodb']],
    ['ZooKeeper', ['zookeeper', 'zookeeper3']],
    ['PostgreSQL', ['postgres']],
    ['Cassandra', ['cassandra', 'cassandra3']],
  ] as [string, EngineName[]][])(
    '%s is killed and comes back: nothing is lost, all go on',
    { timeout: 300_000 },
    async (engine, names) => {
      const [node] = engineNodes(await inUse(...names))
      chatter.talk()
      await chatter.progress(40)
      await node!.kill()
      await new Promise((resolve) => setTimeout(resolve, away))
      await node!.start()
      await recovered(engine)
      expect(cluster.running, 'no node ended').toHaveLength(cluster.nodes.length)
    },
  )

  it('without Cassandra a send is refused in time and says when to come back', { timeout: 300_000 }, async () => {
    const account = await register(cluster.nodes[0]!.url)
    const api = new RawApi(cluster.nodes[1]!.url, account.token)
    const { id } = await api.direct((await register(cluster.nodes[2]!.url)).user)
    const send = (clientMessageId: string): Promise<HttpAnswer> =>
      api.request('POST', `/v1/conversations/${id}/messages`, { clientMessageId, content: { text: 'hello' } })
    expect((await send('before')).status).toBe(201)
    const nodes = engineNodes(await inUse('cassandra', 'cassandra3'))
    await Promise.all(nodes.map((node) => node.kill()))
    const started = performance.now()
    const refused = await send('meanwhile')
    expect(performance.now() - started, 'ms until it was refused').toBeLessThan(12_000)
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await Promise.all(nodes.map((node) => node.start()))
    const deadline = performance.now() + recovery
    let answer = await send('meanwhile')
    while (answer.status === 503 && performance.now() < deadline) answer = await send('meanwhile')
    expect([200, 201]).toContain(answer.status)
    expect(await send('meanwhile')).toMatchObject({ status: 200, body: { duplicate: true } })
  })

  it('all engines at once', { timeout: 400_000 }, async () => {
    const names = await Promise.all([
      inUse('redis'),
      inUse('mongodb'),
      inUse('zookeeper', 'zookeeper3'),
      inUse('postgres'),
      inUse('cassandra', 'cassandra3'),
    ])
    const nodes = names.flatMap((name) => engineNodes(name))
    chatter.talk()
    await chatter.progress(40)
    await Promise.all(nodes.map((node) => node.kill()))
    await new Promise((resolve) => setTimeout(resolve, away))
    await Promise.all(nodes.map((node) => node.start()))
    await recovered('all engines')
  })
})
