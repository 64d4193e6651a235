import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeWorld, type RunningNode, type SettingsInput, startNode } from '@parley/server'
import { type Account, logIn, RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'

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

/** A server in this process, on its own folder, for one test file. */
export class World {
  readonly node: RunningNode
  readonly #folder
  readonly #clients: RawClient[] = []

  private constructor(node: RunningNode, folder: string) {
    this.node = node
    this.#folder = folder
  }

  static async start(settings: SettingsInput = {}, world?: NodeWorld): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-world-'))
    const given = { data: folder, port: 0, rateLimits: 'off', logLevel: 'silent', ...settings } as const
    const node = await startNode(given, world)
    return new World(node, folder)
  }

  get url(): string {
    return this.node.url
  }

  async person(): Promise<Person> {
    return this.#person(await register(this.url))
  }

  async people(count: number): Promise<Person[]> {
    return Promise.all(Array.from({ length: count }, () => this.person()))
  }

  /** A socket that has not said hello. */
  async socket(account: Account, subprotocol?: 'parley.1.json' | 'parley.1.msgpack'): Promise<RawClient> {
    const client = await RawClient.open({ url: this.url, account, subprotocol })
    this.#clients.push(client)
    return client
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
    await this.node.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #person(account: Account): Person {
    return {
      ...account,
      api: new RawApi(this.url, account.token),
      connect: async (options = {}) => {
        const connected = await RawClient.connect({ url: this.url, account, ...options })
        this.#clients.push(connected.client)
        return connected
      },
      secondDevice: async () => this.#person(await logIn(this.url, account)),
    }
  }
}
