import { randomBytes } from 'node:crypto'
import { type Client, createClient, memoryStore } from '@parley/client'
import { afterEach, describe, expect, it } from 'vitest'
import { s3 as engine } from '../../../../engines/s3/s3.ts'
import { startOwn } from '../../../server/src/lib/own-engine.contract.ts'
import { seededRandom } from '../../../server/src/lib/seeded-random.ts'
import { FaultProxy } from '../fault-proxy.ts'
import { sha256 } from '../media/raw-media.ts'
import { missingEngines } from './cluster-space.ts'
import { missingObjects } from './object-space.ts'
import { TestCluster } from './test-cluster.ts'

const seed = Number(process.env.PARLEY_SEED ?? Date.now() % 1_000_000)
const breaks = Number(process.env.PARLEY_MEDIA_BREAKS ?? 50)
/** Bytes that a client sends in a second: a part takes a tenth of one. */
const rate = 50 * 1024 * 1024
/** Milliseconds after the begin of a request within which it breaks. */
const latest = 80
const missing = missingEngines + missingObjects

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Break {
  name: string
  /** The client's request that it comes to. */
  at: RegExp
  /** What happens while the request is under way; absent: it is done, and its answer is lost. */
  run?: () => unknown
}

/** Breaks uploads at the points that were planned, one after the other. */
class Faults {
  readonly done: Record<string, number> = {}
  readonly #random
  #planned: Break[] = []

  constructor(random: { float(): number }) {
    this.#random = random
  }

  get count(): number {
    return Object.values(this.done).reduce((sum, one) => sum + one, 0)
  }

  /** For the next upload. What the one before did not come to, as it survived the others, is left out. */
  plan(...breaks: readonly Break[]): void {
    this.#planned = [...breaks]
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const next = this.#planned[0]
    if (!next?.at.test(`${init?.method} ${String(input)}`)) return fetch(input, init)
    this.#planned.shift()
    this.done[next.name] = (this.done[next.name] ?? 0) + 1
    const answer = fetch(input, init)
    if (!next.run) {
      await (await answer).arrayBuffer()
      throw new TypeError('the connection broke')
    }
    answer.catch(() => {})
    await pause(this.#random.float() * latest)
    await next.run()
    return answer
  }
}

describe.skipIf(missing !== '')(`uploads to S3 that break (seed ${seed})${missing}`, () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  }, 60_000)

  async function start(count: number) {
    const store = await startOwn(engine)
    closing.push(() => store.stop())
    const port = Number(new URL(store.variables.S3_ENDPOINT!).port)
    const ways = { clients: await FaultProxy.start({ port }), nodes: await FaultProxy.start({ port }) }
    closing.push(() => Promise.all([ways.clients.close(), ways.nodes.close()]))
    ways.clients.faults.rate = rate
    const address = (way: FaultProxy): string => `http://127.0.0.1:${way.port}`
    const env = { ...store.variables, S3_ENDPOINT: address(ways.nodes), S3_PUBLIC_ENDPOINT: address(ways.clients) }
    const cluster = await TestCluster.start({ nodes: count, env })
    closing.push(() => cluster.close())
    return { store, ways, cluster }
  }

  it.each([1, 3])('M1: %i node(s): all go on and are whole', { timeout: 300_000 }, async (count) => {
    const random = seededRandom(seed)
    const { store, ways, cluster } = await start(count)
    const faults = new Faults(random)
    const server = cluster.nodes.map(({ url }) => url)
    const person = async (name: string, options = {}): Promise<Client> => {
      const client = await createClient({ server, store: memoryStore(), random, ...options })
      closing.push(() => client.close())
      await client.register({ username: name, password: 'correct horse', device: { name: 'first' } })
      client.connect()
      return client
    }
    const ann = await person('ann', { fetch: faults.fetch })
    const bob = await person('bob')
    const chat = await ann.direct(bob.session!.user.id)
    const sent: { id: string; hash: string }[] = []

    const pick = <T>(all: readonly T[]): T => all[Math.floor(random.float() * all.length)]!
    const [announce, part, complete] = [/^POST .*\/media$/, /^PUT /, /^POST .*\/complete$/]
    const cut = { name: 'connection of the client cut', at: part, run: () => ways.clients.cut() }
    const lostPart = { name: 'part stored, answer lost', at: part }
    const silent = {
      name: 'nothing gets through for a while',
      at: part,
      run: async () => {
        ways.clients.faults.blackhole = 'both'
        await pause(200)
        ways.clients.faults.blackhole = 'none'
        ways.clients.cut()
      },
    }
    const storeKilled = {
      name: 'S3 killed',
      at: part,
      run: async () => {
        await store.node.kill()
        await pause(200)
        await store.node.start()
      },
    }
    const lostEnd = { name: 'completed, answer lost', at: complete }
    const cutEnd = { name: 'connections of the nodes cut', at: complete, run: () => ways.nodes.cut() }
    const storeKilledEnd = { ...storeKilled, name: 'S3 killed at the end', at: complete }
    const nodeKilled = {
      name: 'node killed',
      at: complete,
      run: async () => {
        const node = pick(cluster.nodes)
        await node.kill9()
        await node.start()
      },
    }
    for (let upload = 0; faults.count < breaks; upload++) {
      const bytes = randomBytes(6 * 1024 * 1024 + Math.floor(random.float() * 5 * 1024 * 1024))
      faults.plan(
        ...(upload % 2 === 0 ? [{ name: 'announced, answer lost', at: announce }] : []),
        ...[cut, upload % 3 === 0 ? storeKilled : silent, lostPart],
        ...[upload % 4 === 1 ? nodeKilled : upload % 4 === 3 ? storeKilledEnd : cutEnd, lostEnd],
      )
      const { id, size } = await ann.media.upload(bytes, { name: `${upload}.bin` })
      expect(size).toBe(bytes.length)
      await chat.send({ media: { id } })
      sent.push({ id, hash: sha256(bytes) })
    }
    ways.clients.heal()
    expect(Object.keys(faults.done)).toHaveLength(9)
    for (const { id, hash } of sent) expect(sha256(await bob.media.download(id)), id).toBe(hash)
    expect((await ann.media.usage()).count).toBeGreaterThanOrEqual(sent.length)
    process.stdout.write(`${count} node(s), ${sent.length} uploads, broken: ${JSON.stringify(faults.done)}\n`)
  })
})
