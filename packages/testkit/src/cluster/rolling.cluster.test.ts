import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { Chatter } from '../chatter.ts'
import { History } from '../history/history.ts'
import { RawDevice } from '../raw-device.ts'
import { bound, count } from './bounds.ts'
import { missingEngines } from './cluster-space.ts'
import { accountOf, importUsers } from './cluster-users.ts'
import { TestCluster } from './test-cluster.ts'

const rounds = count('PARLEY_TEST_ROLLING_ROUNDS', 1)
const idle = count('PARLEY_TEST_ROLLING_CLIENTS', 90)
const longestGap = bound(2000, 5000)
const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)

let cluster: TestCluster | undefined
let chatter: Chatter | undefined
let crowd: RawDevice[] = []

afterEach(async () => {
  await Promise.all(crowd.map((device) => device.close()))
  crowd = []
  await chatter?.close()
  await cluster?.close()
}, 60_000)

describe.skipIf(missingEngines !== '')(`three nodes restarted one by one (seed ${seed})${missingEngines}`, () => {
  it(`K3: under traffic, ${rounds}×: clients go where they are sent, no gap above ${longestGap} ms, nothing lost`, {
    timeout: 180_000 + rounds * 60_000,
  }, async () => {
    const random = seededRandom(seed)
    const nodes = await TestCluster.start()
    cluster = nodes
    const urls = () => nodes.running.map(({ url }) => url)
    const url = () => urls()[Math.floor(random.float() * urls().length)]!
    chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 2 })
    const users = await importUsers(nodes.env, idle)
    crowd = users.map((user) => new RawDevice({ url, account: accountOf(user), history: new History() }))
    await Promise.all(crowd.map((device) => device.start()))
    const all = [...chatter.devices, ...crowd]
    chatter.talk()
    for (let round = 0; round < rounds; round++) {
      for (const node of nodes.nodes) {
        const there = all.filter(({ way }) => way.url === node.url)
        const before = there.map(({ way }) => way.gaps.length)
        const exit = node.sigterm()
        await expect
          .poll(() => there.filter(({ way }, index) => way.gaps.length === before[index]), { timeout: 30_000 })
          .toHaveLength(0)
        expect((await exit).code, 'it drains').toBe(0)
        expect(there.filter(({ way }) => way.url === node.url)).toHaveLength(0)
        await chatter.progress(40)
        await node.start()
        await chatter.progress(40)
      }
    }
    await chatter.quiet()
    expect(await chatter.judge(true)).toEqual([])
    const gaps = all.flatMap(({ way }) => way.gaps).sort((a, b) => a - b)
    const [median, longest] = [gaps[gaps.length >> 1]!, gaps.at(-1)!]
    process.stdout.write(
      `${gaps.length} moves: half within ${median.toFixed(0)} ms, all within ${longest.toFixed(0)} ms\n`,
    )
    // Somebody was on every node, and had to leave it.
    expect(gaps.length).toBeGreaterThanOrEqual(all.length)
    expect(longest).toBeLessThan(longestGap)
  })
})
