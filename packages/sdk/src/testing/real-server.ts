import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningNode, startNode } from '@parley/server'
import { type Client, type ClientOptions, createClient } from '../client.ts'
import { memoryStore } from '../store/memory-store.ts'
import { until } from './until.ts'

const password = 'correct horse'
let names = 0

/** A real server in this process, and clients of it over real sockets. */
export class RealServer {
  readonly folder
  #node: RunningNode
  readonly #clients: Client[] = []

  private constructor(folder: string, node: RunningNode) {
    this.folder = folder
    this.#node = node
  }

  static async start(): Promise<RealServer> {
    const folder = await mkdtemp(join(tmpdir(), 'parley-sdk-'))
    return new RealServer(
      folder,
      await startNode({ data: join(folder, 'server'), port: 0, logLevel: 'silent', rateLimits: 'off' }),
    )
  }

  get url(): string {
    return this.#node.url
  }

  /** Stops and starts again, at the same address, over the same data. */
  async restart(): Promise<void> {
    const { port } = this.#node
    await this.#node.close()
    this.#node = await startNode({ data: join(this.folder, 'server'), port, logLevel: 'silent', rateLimits: 'off' })
  }

  async client(options: Partial<ClientOptions> = {}): Promise<Client> {
    const client = await createClient({ server: this.url, store: memoryStore(), ...options })
    this.#clients.push(client)
    return client
  }

  async newUser(options: Partial<ClientOptions> = {}): Promise<Client> {
    const client = await this.client(options)
    const username = `user_${++names}`
    await client.register({ username, password, displayName: username, device: { name: 'first' } })
    return online(client)
  }

  /** One more device of the user of `client`. */
  async newDevice(client: Client, options: Partial<ClientOptions> = {}): Promise<Client> {
    const device = await this.client(options)
    const username = client.session?.user.username ?? ''
    await device.logIn({ username, password, device: { name: 'another' } })
    return online(device)
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) await client.close()
    await this.#node.close()
    await rm(this.folder, { recursive: true })
  }
}

export async function online(client: Client): Promise<Client> {
  client.connect()
  await until('live', () => client.state.status === 'live')
  return client
}

export const userOf = (client: Client): string => client.session?.user.id ?? ''

/** What a device shows. Two devices of a user that have everything show the same. */
export async function shownBy(client: Client): Promise<object[]> {
  const shown: object[] = []
  for (const { id, title, role, settings, head, read, unread } of client.conversations()) {
    const { items } = await client.conversation(id).messages({ limit: 1000 })
    shown.push({ id, title, role, settings, head, read, unread, messages: items })
  }
  return shown.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
