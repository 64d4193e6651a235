import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { Chatter } from '../chatter.ts'
import { missingEngines } from './cluster-space.ts'
import { TestCluster } from './test-cluster.ts'

const kills = Number(process.env.PARLEY_CLUSTER_KILLS ?? 6)
const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)

let cluster: TestCluster | undefined
let chatter: Chatter | undefined

afterEach(async () => {
  await chatter?.close()
  await cluster?.close()
}, 60_000)

describe.skipIf(missingEngines !== '')(
  `three nodes that are killed while everybody talks (seed ${seed})${missingEngines}`,
  () => {
    it(`I1–I5, I9, I15 hold over ${kills} kills`, { timeout: 120_000 + kills * 40_000 }, async () => {
      const random = seededRandom(seed)
      const pick = (below: number) => Math.floor(random.float() * below)
      const nodes = await TestCluster.start()
      cluster = nodes
      const url = () => {
        const running = nodes.running
        return (running[pick(running.length)] ?? nodes.nodes[0]!).url
      }
      chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 8 })
      for (let kill = 0; kill < kills; kill++) {
        chatter.talk()
        await chatter.progress(20 + pick(40))
        if (pick(2) === 0) chatter.devices[pick(chatter.devices.length)]!.drop()
        await chatter.haunt()
        const node = nodes.nodes[pick(nodes.nodes.length)]!
        await node.kill9()
        // The others go on without it.
        await chatter.progress(40)
        await node.start()
        await chatter.progress(20)
        await chatter.quiet()
        expect(await chatter.judge(), `kill ${kill + 1}`).toEqual([])
      }
      for (const node of nodes.nodes) {
        expect((await node.sigterm()).code, 'SIGTERM drains').toBe(0)
        await node.start()
      }
      await chatter.quiet()
      expect(await chatter.judge(true), 'all logs read again from their beginnings').toEqual([])
    })
  },
)
