import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { snowflakeLow } from '../../../server/src/log/snowflake-parts.ts'
import { Chatter } from '../chatter.ts'
import type { ProcessNode } from '../process-node.ts'
import { RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'
import { bound, count } from './bounds.ts'
import { missingEngines } from './cluster-space.ts'
import { TestCluster } from './test-cluster.ts'

const pauses = count('PARLEY_TEST_PAUSES', 1)
/** ms that a node stands still. */
const standstill = bound(30_000, 12_000)
/** ms after which its session is over; its reserved ids lie behind after twice that. */
const session = bound(8000, 4000)
const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)

let cluster: TestCluster | undefined
let chatter: Chatter | undefined

afterEach(async () => {
  for (const node of cluster?.nodes ?? []) node.cont()
  await chatter?.close()
  await cluster?.close()
}, 60_000)

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
const workerOf = (id: string): number => snowflakeLow(id) >> 12

/** Two people who are nobody else's; what is sent in a direct conversation is appended where it comes in. */
async function openPair({ url }: ProcessNode) {
  const [ann, bob] = [await register(url), await register(url)]
  const chat = await new RawApi(url, ann.token).direct(bob.user)
  let count = 0
  /** The worker number of the node that it is sent through. */
  const send = async (node: ProcessNode): Promise<{ seq: number; worker: number }> => {
    const body = { clientMessageId: `m${++count}`, content: { text: 'hello' } }
    const path = `/v1/conversations/${chat.id}/messages`
    const { seq, id } = await new RawApi(node.url, ann.token).call<{ seq: number; id: string }>('POST', path, body)
    return { seq, worker: workerOf(id) }
  }
  return { bob, send }
}

describe.skipIf(missingEngines !== '')(`a chat node of three that stands still (seed ${seed})${missingEngines}`, () => {
  it(`for ${standstill} ms, ${pauses}×, and goes on: no id twice, its clients are served, I1–I5, I8, I9, I15 hold`, {
    timeout: 180_000 + pauses * (standstill + 60_000),
  }, async () => {
    const random = seededRandom(seed)
    const pick = (below: number) => Math.floor(random.float() * below)
    const envOf = (_: number, all: Record<string, string>) => ({
      PARLEY_ZOOKEEPER_URL: `${all.PARLEY_ZOOKEEPER_URL}?timeout=${session}`,
    })
    const nodes = await TestCluster.start({ envOf })
    cluster = nodes
    let usable: readonly ProcessNode[] = nodes.nodes
    const url = () => usable[pick(usable.length)]!.url
    chatter = await Chatter.start({ url, random, users: 4, devicesPerUser: 2, pipelined: 4 })
    const { bob, send } = await openPair(nodes.nodes[0]!)
    for (let round = 0; round < pauses; round++) {
      chatter.talk()
      await chatter.progress(40)
      const workers = await Promise.all(nodes.nodes.map(async (node) => ({ node, worker: (await send(node)).worker })))
      // Of numbers that are free the lowest is given first.
      const [{ node: still, worker }] = workers.sort((a, b) => a.worker - b.worker) as [(typeof workers)[number]]
      const others = nodes.nodes.filter((node) => node !== still)
      const there = chatter.devices.filter(({ way }) => way.url === still.url)
      usable = others
      still.stop()
      const stopped = performance.now()
      // Half of its clients lose patience and go elsewhere; what they had sent is under way there all the same.
      for (const device of there.filter((_, index) => index % 2 === 0)) device.drop()
      await chatter.progress(60)
      // A node that starts is given the worker number of the one that stands still.
      await pause(2 * session + 1000 - (performance.now() - stopped))
      const started = others[0]!
      await started.kill9()
      await started.start()
      expect((await send(started)).worker, 'the number of the node that stands still').toBe(worker)
      await pause(standstill - (performance.now() - stopped))
      still.cont()
      usable = nodes.nodes

      // It is one of the cluster again: what is sent through it is stored, with a number of its own…
      await expect
        .poll(
          () =>
            send(still).then(
              (sent) => sent.worker,
              () => worker,
            ),
          { timeout: 30_000 },
        )
        .not.toBe(worker)
      // …and who is connected to it is told what is sent elsewhere, and the other way round.
      for (const [here, elsewhere] of [
        [still, started],
        [started, still],
      ] as const) {
        const { client } = await RawClient.connect({ url: here.url, account: bob })
        await client.waitFor((frame) => frame.t === 'live')
        const { seq } = await send(elsewhere)
        await client.waitFor((frame) => frame.t === 'event' && 'seq' in frame.update && frame.update.seq === seq)
        await client.close()
      }
      await chatter.progress(60)
      await chatter.quiet()
      expect(await chatter.judge(), `pause ${round + 1}`).toEqual([])
    }
    expect(await chatter.judge(true), 'all logs read again').toEqual([])
  })
})
