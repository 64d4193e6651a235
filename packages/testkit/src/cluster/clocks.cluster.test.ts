import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { Chatter } from '../chatter.ts'
import { FakeClock, missingFaketime } from '../fake-clock.ts'
import { readMetrics } from '../node-metrics.ts'
import type { ProcessNode } from '../process-node.ts'
import { RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'
import { count, isLong } from './bounds.ts'
import { missingEngines } from './cluster-space.ts'
import { TestCluster } from './test-cluster.ts'

const rounds = count('PARLEY_TEST_CLOCK_ROUNDS', 1)
const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)
const missing = missingEngines || missingFaketime

let cluster: TestCluster
let chatter: Chatter
let clock: FakeClock
/** The one whose clock is wrong. */
let node: ProcessNode
let usable: () => readonly ProcessNode[]

const aheadOf = async ({ url }: ProcessNode) => (await readMetrics(url))('parley_clock_ahead_seconds')

describe.skipIf(missing !== '')(`one node of three has a wrong clock (seed ${seed})${missing}`, () => {
  beforeEach(async () => {
    const random = seededRandom(seed)
    clock = new FakeClock()
    cluster = await TestCluster.start({ envOf: (index) => (index === 0 ? clock.env : {}) })
    node = cluster.nodes[0]!
    usable = () => cluster.nodes
    const url = () => usable()[Math.floor(random.float() * usable().length)]!.url
    chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 4 })
  }, 90_000)
  afterEach(async () => {
    await chatter?.close()
    await cluster?.close()
    clock.remove()
  }, 60_000)

  /** Everybody talks, and changes between the nodes, whatever their clocks say. */
  async function talkAround(): Promise<void> {
    chatter.talk()
    for (const device of chatter.devices.slice(0, 4)) {
      await chatter.progress(20)
      device.drop()
    }
    for (const device of chatter.devices) device.drop()
    await chatter.progress(40)
    await chatter.quiet()
  }

  it(`2 s ahead, then 2 s behind, ${rounds}×: no entry is skipped, ids grow with seq (I1–I5, I8, I9)`, {
    timeout: 120_000 + rounds * 60_000,
  }, async () => {
    for (let round = 0; round < rounds; round++) {
      for (const ahead of [2000, -2000]) {
        chatter.talk()
        clock.set(ahead)
        await expect.poll(() => aheadOf(node), { timeout: 5000 }).toBeCloseTo(ahead / 1000, 0)
        await talkAround()
        expect(await chatter.judge(), `${ahead} ms ahead`).toEqual([])
        expect((await fetch(`${node.url}/readyz`)).status).toBe(200)
      }
    }
    expect(await chatter.judge(true), 'all logs read again').toEqual([])
  })

  it.each(isLong ? [4000, -4000] : [4000])(
    '%i ms ahead, beyond what is allowed: it says so and refuses, the others go on',
    {
      timeout: 180_000,
    },
    async (ahead) => {
      const there = await register(node.url)
      const chat = await new RawApi(node.url, there.token).direct((await register(node.url)).user)
      const send = (clientMessageId: string) =>
        new RawApi(node.url, there.token).request('POST', `/v1/conversations/${chat.id}/messages`, {
          clientMessageId,
          content: { text: 'hello' },
        })
      expect((await send('before')).status).toBe(201)
      chatter.talk()
      await chatter.progress(40)
      clock.set(ahead)
      usable = () => cluster.nodes.slice(1)
      // What load balancers and people look at.
      await expect.poll(async () => (await fetch(`${node.url}/readyz`)).status, { timeout: 10_000 }).toBe(503)
      const ready = (await (await fetch(`${node.url}/readyz`)).json()) as { store: string }
      expect(ready.store).toMatch(
        /the clock of this machine is \d+ ms (ahead of|behind) Cassandra's \(2500 ms are allowed\)/,
      )
      expect(await aheadOf(node)).toBeCloseTo(ahead / 1000, 0)
      expect((await readMetrics(node.url))('parley_store_refuses_writes')).toBe(1)
      await expect.poll(() => node.output, { timeout: 5000 }).toContain('this node serves nobody for now')
      // Its clients went elsewhere, and who asks for it is refused with when to come back.
      await expect
        .poll(() => chatter.devices.filter(({ way }) => way.url === node.url).length, { timeout: 15_000 })
        .toBe(0)
      const refused = await send('meanwhile')
      expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      for (let times = 0; times < 20; times++) {
        const { url } = await new RawApi(usable()[0]!.url, there.token).call<{ url: string }>('POST', '/v1/connect')
        expect(url).not.toBe(node.url)
      }
      await talkAround()
      expect(await chatter.judge(), 'meanwhile').toEqual([])

      clock.set(0)
      await expect.poll(async () => (await fetch(`${node.url}/readyz`)).status, { timeout: 30_000 }).toBe(200)
      usable = () => cluster.nodes
      await expect.poll(async () => (await send('meanwhile')).status, { timeout: 15_000 }).toBe(201)
      expect((await send('meanwhile')).status, 'D2').toBe(200)
      const { client } = await RawClient.connect({ url: node.url, account: there })
      await client.waitFor((frame) => frame.t === 'live')
      await client.close()
      await talkAround()
      expect(await chatter.judge(true), 'all logs read again').toEqual([])
    },
  )
})
