import type { ManualClock } from '../../lib/manual-clock.ts'
import type { Random } from '../../lib/random.ts'
import type { ClientListener, ZooKeeperCalls } from './client.ts'
import { type FailureKind, type StoredNode, ZooKeeperError } from './stored-node.ts'

/** A model of ZooKeeper: one tree, sessions that expire by silence, answers that get lost. */
export class TestTree {
  readonly timeout
  /** Chance that an answer is lost, half of them before anything was done. */
  losses = 0
  readonly #clock
  readonly #random
  readonly #nodes = new Map<string, { data: string; version: number; owner: string }>([['/', none]])
  readonly #heard = new Map<string, number>()
  #watches: { path: string; children: boolean; call: () => void }[] = []
  #sessions = 0

  constructor(clock: ManualClock, random: Random, timeout: number) {
    this.#clock = clock
    this.#random = random
    this.timeout = timeout
    clock.every(50, () => this.#expire())
  }

  /** A client that can be cut off. */
  client(listener: ClientListener): TestTreeClient {
    return new TestTreeClient(this, listener)
  }

  newSession(): string {
    const session = `s${++this.#sessions}`
    this.#heard.set(session, this.#clock.monotonic())
    return session
  }

  isAlive(session: string): boolean {
    return this.#heard.has(session)
  }

  /** Everything that it held goes. */
  end(session: string): void {
    this.#heard.delete(session)
    for (const [path, { owner }] of [...this.#nodes]) if (owner === session) this.#delete(path)
  }

  async ask<T>(session: string, isReachable: () => boolean, work: () => T): Promise<T> {
    await this.#delay()
    if (!isReachable()) return new Promise<T>(() => {})
    const isLost = this.#random.float() < this.losses
    if (isLost && this.#random.float() < 0.5) throw failure('lost')
    if (!this.isAlive(session)) throw failure('expired')
    this.#heard.set(session, this.#clock.monotonic())
    const answer = work()
    await this.#delay()
    if (isLost || !isReachable()) throw failure('lost')
    return answer
  }

  create(path: string, data: string, owner: string): void {
    if (this.#nodes.has(path)) throw failure('exists')
    if (!this.#nodes.has(parentOf(path))) throw failure('missing')
    this.#nodes.set(path, { data, version: 0, owner })
    this.#changed(path, true)
  }

  get(path: string, watch: () => void): StoredNode | undefined {
    const node = this.#nodes.get(path)
    if (node) this.#watches.push({ path, children: false, call: watch })
    return node && { ...node, at: this.#clock.now() }
  }

  children(path: string, watch: () => void): string[] {
    this.#watches.push({ path, children: true, call: watch })
    const names = [...this.#nodes.keys()].filter((name) => name !== '/' && parentOf(name) === path)
    return names.map((name) => name.slice(path.length + 1))
  }

  set(path: string, data: string, version: number): StoredNode {
    const node = this.#nodes.get(path)
    if (!node) throw failure('missing')
    if (version >= 0 && version !== node.version) throw failure('version')
    Object.assign(node, { data, version: node.version + 1 })
    this.#changed(path, false)
    return { ...node, at: this.#clock.now() }
  }

  remove(path: string): void {
    if (!this.#nodes.has(path)) throw failure('missing')
    this.#delete(path)
  }

  #delete(path: string): void {
    this.#nodes.delete(path)
    this.#changed(path, true)
  }

  #changed(path: string, comesOrGoes: boolean): void {
    const isMeant = (watch: { path: string; children: boolean }): boolean =>
      watch.children ? comesOrGoes && watch.path === parentOf(path) : watch.path === path
    const called = this.#watches.filter(isMeant)
    this.#watches = this.#watches.filter((watch) => !isMeant(watch))
    for (const { call } of called) this.#clock.soon(call)
  }

  #delay(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(Math.floor(this.#random.float() * 20), resolve))
  }

  #expire(): void {
    const now = this.#clock.monotonic()
    for (const [session, heard] of [...this.#heard]) if (now - heard > this.timeout) this.end(session)
  }
}

export class TestTreeClient implements ZooKeeperCalls {
  readonly password = Buffer.alloc(16)
  session = ''
  reachable = true
  readonly #tree
  readonly #listener
  #ended = false

  constructor(tree: TestTree, listener: ClientListener) {
    this.#tree = tree
    this.#listener = listener
  }

  get timeout(): number {
    return this.#tree.timeout
  }

  connect(): void {
    if (this.#ended || !this.reachable) return
    if (this.session !== '' && !this.#tree.isAlive(this.session)) return this.#listener.expired()
    this.session ||= this.#tree.newSession()
    this.#listener.connected()
  }

  cut(): void {
    if (this.#ended) return
    this.#listener.disconnected()
    this.connect()
  }

  abandon(): void {
    this.#ended = true
  }

  async close(): Promise<void> {
    this.#ended = true
    this.#tree.end(this.session)
  }

  create = (path: string, data: string, mode: 'persistent' | 'ephemeral') =>
    this.#ask(() => this.#tree.create(path, data, mode === 'ephemeral' ? this.session : ''))
  get = (path: string, watch: () => void = () => {}) => this.#ask(() => this.#tree.get(path, watch))
  children = (path: string, watch: () => void = () => {}) => this.#ask(() => this.#tree.children(path, watch))
  set = (path: string, data: string, version = -1) => this.#ask(() => this.#tree.set(path, data, version))
  remove = (path: string) => this.#ask(() => this.#tree.remove(path))
  ping = (_path: string) => this.#ask(() => {})

  async #ask<T>(work: () => T): Promise<T> {
    try {
      return await this.#tree.ask(this.session, () => this.reachable && !this.#ended, work)
    } catch (error) {
      // As the driver: the connection breaks first, the server tells of the end when it is back.
      if (error instanceof ZooKeeperError && error.kind === 'expired') this.cut()
      throw error
    }
  }
}

const none = { data: '', version: 0, owner: '' }
const failure = (kind: FailureKind): ZooKeeperError => new ZooKeeperError(kind, kind)
const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
