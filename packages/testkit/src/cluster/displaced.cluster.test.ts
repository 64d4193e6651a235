import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { Chatter } from '../chatter.ts'
import { missingEngines } from './cluster-space.ts'
import { importUsers } from './cluster-users.ts'
import { ReturningCrowd } from './returning-crowd.ts'
import { TestCluster } from './test-cluster.ts'

/** The short form; `npm run test:cluster` runs the long one. */
const kills = Number(process.env.PARLEY_TEST_DISPLACED_KILLS ?? 2)
const clients = Number(process.env.PARLEY_TEST_DISPLACED_CLIENTS ?? 300)
const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)

let cluster: TestCluster | undefined
let crowd: ReturningCrowd | undefined
let chatter: Chatter | undefined

afterEach(async () => {
  crowd?.close()
  await chatter?.close()
  await cluster?.close()
}, 60_000)

describe.skipIf(missingEngines !== '')(`a chat node of three that is killed (seed ${seed})${missingEngines}`, () => {
  it(`${clients} clients under load, ${kills} kills: back in 5 s (p99), nothing lost`, {
    timeout: 180_000 + kills * 30_000,
  }, async () => {
    const random = seededRandom(seed)
    const nodes = await TestCluster.start()
    cluster = nodes
    const gateways = () => nodes.nodes.map(({ url }) => url)
    const running = () => nodes.running.map(({ url }) => url)
    crowd = new ReturningCrowd(await importUsers(nodes.env, clients), gateways)
    await crowd.enter()
    for (const { url } of nodes.nodes) expect(crowd.on(url), `clients on ${url}`).toBeGreaterThan(clients / 6)
    const url = () => running()[Math.floor(random.float() * running().length)]!
    chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 2 })
    const times: number[] = []
    for (let kill = 0; kill < kills; kill++) {
      chatter.talk()
      await chatter.progress(20)
      const node = nodes.nodes.toSorted((a, b) => crowd!.on(b.url) - crowd!.on(a.url))[0]!
      const back = await crowd.displaced(node.url, () => node.kill9())
      times.push(...back)
      await node.start()
      await chatter.progress(20)
      await chatter.quiet()
      expect(await chatter.judge(), `kill ${kill + 1}`).toEqual([])
    }
    times.sort((a, b) => a - b)
    const [median, p99] = [0.5, 0.99].map((part) => times[Math.floor(times.length * part)] as number)
    process.stdout.write(
      `${times.length} displaced: half back in ${median?.toFixed(0)} ms, p99 ${p99?.toFixed(0)} ms\n`,
    )
    expect(times.length).toBeGreaterThan((kills * clients) / 10)
    expect(p99).toBeLessThan(5000)
  })
})
