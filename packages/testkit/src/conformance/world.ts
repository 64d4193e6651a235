import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeWorld, type RunningNode, type SettingsInput, startNode } from '@parley/server'
import { ClusterSpace } from '../cluster/cluster-space.ts'
import { type Account, logIn, RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'
import { memoryNodes } from './memory-nodes.ts'

/** A person with one device, over HTTP; sockets are opened when a test needs one. */
export interface Person extends Account {
  api: RawApi
  connect(options?: {
    cursor?: string | null
    window?: number
    subprotocol?: 'parley.1.json' | 'parley.1.msgpack'
  }): ReturnType<typeof RawClient.connect>
  /** The same person on one more device. */
  secondDevice(): Promise<Person>
}

/** So many nodes a world has unless a test says otherwise; the same tests run on one and on several. */
const usualNodes = (): number => Number(process.env.PARLEY_TEST_NODES ?? 1)

/** Nodes in this process for one test file: one on its own folder, or several over shared stores or engines. */
export class World {
  readonly nodes: readonly RunningNode[]
  readonly #folder
  readonly #space: ClusterSpace | undefined
  readonly #clients: RawClient[] = []
  #next = 0

  private constructor(nodes: readonly RunningNode[], folder: string, space: ClusterSpace | undefined) {
    this.nodes = nodes
    this.#folder = folder
    this.#space = space
  }

  static async start(
    settings: SettingsInput = {},
    world?: NodeWorld,
    count = world ? 1 : usualNodes(),
  ): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-world-'))
    const given = { data: folder, port: 0, rateLimits: 'off', logLevel: 'silent', ...settings } as const
    const space = count > 1 && process.env.PARLEY_TEST_ENGINES ? new ClusterSpace() : undefined
    const all = count > 1 && !space ? { open: memoryNodes() } : world
    const nodes: RunningNode[] = []
    for (let index = 0; index < count; index++) nodes.push(await startNode({ ...given, ...space?.settings }, all))
    await Promise.all(nodes.map((node) => linked(node, count - 1)))
    return new World(nodes, folder, space)
  }

  /** Rows of its queues may appear late, so a resume repeats what was given within the last seconds (rule Y2). */
  get repeats(): boolean {
    return this.#space !== undefined
  }

  get node(): RunningNode {
    return this.nodes[0] as RunningNode
  }

  get url(): string {
    return this.node.url
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url)
  }

  /** Somebody new, on the next node. */
  async person(): Promise<Person> {
    const at = this.#next++
    return this.#person(await register(this.#url(at)), at)
  }

  async people(count: number): Promise<Person[]> {
    return Promise.all(Array.from({ length: count }, () => this.person()))
  }

  /** Search may be some time behind where several nodes feed it. */
  async searched(check: () => Promise<void>): Promise<void> {
    const deadline = performance.now() + (this.nodes.length > 1 ? 4000 : 0)
    for (;;) {
      try {
        return await check()
      } catch (error) {
        if (performance.now() >= deadline) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** A socket that has not said hello. */
  async socket(account: Account, subprotocol?: 'parley.1.json' | 'parley.1.msgpack'): Promise<RawClient> {
    const client = await RawClient.open({ url: this.url, account, subprotocol })
    this.#clients.push(client)
    return client
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
    await Promise.all(this.nodes.map((node) => node.close()))
    rmSync(this.#folder, { recursive: true, force: true })
    await this.#space?.remove()
  }

  #url(index: number): string {
    return (this.nodes[index % this.nodes.length] as RunningNode).url
  }

  /** Asks one node, and is connected to the next one. */
  #person(account: Account, at: number): Person {
    return {
      ...account,
      api: new RawApi(this.#url(at), account.token),
      connect: async (options = {}) => {
        const connected = await RawClient.connect({ url: this.#url(at + 1), account, ...options })
        this.#clients.push(connected.client)
        return connected
      },
      secondDevice: async () => this.#person(await logIn(this.#url(at), account), at + 1),
    }
  }
}

/** Resolves when the node is linked with so many others. */
async function linked({ url }: RunningNode, others: number): Promise<void> {
  if (others === 0) return
  for (const deadline = performance.now() + 10_000; ; ) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    if (metrics.includes(`parley_node_links ${others}\n`)) return
    if (performance.now() > deadline) throw new Error('the nodes did not find each other')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
