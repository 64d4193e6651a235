import type { Codec } from '@parley/protocol'
import { Janitor } from '../../../server/src/app/janitor.ts'
import { createServices, type Ports, type Services } from '../../../server/src/app/services.ts'
import type { Connection, ConnectionListener } from '../../../server/src/gateway/connection.ts'
import { toAppError } from '../../../server/src/lib/errors.ts'
import type { Logger } from '../../../server/src/lib/logger.ts'
import type { Chance } from './chance.ts'
import type { SimCluster } from './cluster/sim-cluster.ts'
import type { Disk } from './disk.ts'
import type { Footing, Life } from './footing.ts'
import { answerOf, type HttpAnswer, type HttpCall, matchRoute, refusalOf } from './sim-http.ts'
import type { SimTime } from './sim-time.ts'

/** A node that cannot start is started again. */
async function insist({ clock }: Life, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch {
      await new Promise<void>((resolve) => clock.after(100, resolve))
    }
  }
}

/** What a planted bug may change of a node. */
export interface NodeBug {
  /** `node`: the id of the process, in a cluster. */
  ports?: (ports: Ports, disk: Disk, node: string) => Ports
  /** Writes are answered before they are durable. */
  hasty?: boolean
  /** Milliseconds by which the wall clock is set back whenever a process starts again. */
  setBack?: number
  /** Sessions are never healed, nor ended for silence. */
  noSweep?: boolean
}

export interface NodeWorld {
  time: SimTime
  disk: Disk
  chance: Chance
  /** What a process that starts stands on. */
  footing: (life: Life) => Footing
  /** Names this history of the data (rule Y4). */
  epoch: () => string
  bug: NodeBug
  logger: Logger
  heartbeat: number
  /** undefined: there is one node. */
  cluster: SimCluster | undefined
}

/** How far the wall clock of a machine is from true time, ms: of one node, and of several that count on it. */
const usualSkew = 20
export const allowedSkew = 2000

/** A machine that runs the real services, one life of a process after the other. */
export class SimNode {
  readonly worker
  readonly #world
  #skew: number
  #life: (Life & { services: Services; ready: boolean }) | undefined
  #starts = 0
  #deaths = new Set<(told: boolean) => void>()

  constructor(worker: number, world: NodeWorld) {
    this.worker = worker
    this.#world = world
    const apart = world.cluster ? allowedSkew : usualSkew
    this.#skew = world.chance.between(-apart, apart)
  }

  get url(): string {
    return this.#world.cluster ? `http://node${this.worker}.sim` : 'http://node.sim'
  }

  get isUp(): boolean {
    return this.#life?.ready ?? false
  }

  /** Starts a process unless one runs; connections are refused until it is ready. */
  start(): void {
    if (this.#life) return
    if (this.#starts++ > 0) this.#skew -= this.#world.bug.setBack ?? 0
    const { time, disk, chance, footing, bug, logger, epoch, heartbeat, cluster } = this.#world
    const { worker, url } = this
    const id = `n${worker}-${this.#starts}`
    const clock = time.machine(this.#skew)
    const own = chance.fork()
    const life: Life = { id, worker, url, clock, chance: chance.fork() }
    const stands = footing(life)
    const ports = bug.ports?.(stands.ports, disk, id) ?? stands.ports
    const services = createServices({
      ports,
      clock,
      random: own.random,
      logger,
      hasher: { hash: async (password) => password, verify: async (password, stored) => password === stored },
      ticketKey: new Uint8Array(32),
      epoch: epoch(),
      heartbeat,
      publicUrl: () => url,
      ...(stands.cluster ? { usersKeptFor: 5000, cluster: stands.cluster } : {}),
    })
    const running = { ...life, services, ready: false }
    this.#life = running
    void insist(life, () => services.ids.keepAhead()).then(async () => {
      if (cluster) await insist(life, () => services.watch.start())
      if (!bug.noSweep) services.gateway.start()
      services.indexer.start()
      if (cluster) new Janitor({ ...ports, clock, logger, cluster: services.cluster }).start()
      await services.cluster?.start()
      running.ready = true
    })
  }

  /**
   * kill -9 (`told`: the system resets its connections), or a power cut (nobody is told): whatever it was doing stops
   * here.
   */
  crash(told: boolean): void {
    this.#end(told ? 'told' : 'untold')
  }

  #end(how: 'told' | 'untold' | 'orderly'): void {
    const told = how !== 'untold'
    if (this.#life) this.#world.cluster?.leave(this.#life.id, how)
    this.#life?.clock.stop()
    this.#life = undefined
    for (const tell of [...this.#deaths]) tell(told)
    this.#deaths.clear()
  }

  /** Ends as a node does that is told to stop: sessions are told, what is gathered is written. */
  async stop(): Promise<void> {
    const life = this.#life
    if (!life) return
    const { gateway, indexer, ids, cluster } = life.services
    await cluster?.drain()
    await gateway.drain(2000, ({ user }) => cluster?.elsewhere(user))
    await new Promise<void>((resolve) => life.clock.after(200, resolve))
    await indexer.stop()
    await life.services.flush()
    await cluster?.stop()
    ids.close()
    if (this.#life === life) this.#end(cluster ? 'orderly' : 'told')
  }

  /** SIGSTOP; SIGCONT after `ms`. */
  pause(ms: number): void {
    const life = this.#life
    if (!life || life.clock.isPaused) return
    life.clock.pause()
    this.#world.cluster?.paused(life.id, ms)
    this.#world.time.after(ms, () => life.clock.resume())
  }

  /** The process of now, in the cluster. */
  get id(): string | undefined {
    return this.#life?.id
  }

  get skew(): number {
    return this.#skew
  }

  /** Steps the machine's wall clock. */
  jump(ms: number): void {
    this.#skew += ms
    this.#life?.clock.jump(ms)
  }

  /** Calls `tell` when the process of now dies, until the returned function is called. */
  onDeath(tell: (told: boolean) => void): () => void {
    this.#deaths.add(tell)
    return () => this.#deaths.delete(tell)
  }

  /** Whoever calls while the process stands still hears nothing. */
  get isPaused(): boolean {
    return this.#life?.clock.isPaused ?? false
  }

  accept(connection: Connection, codec: Codec): ConnectionListener | undefined {
    const life = this.#life
    if (!life?.ready || life.clock.isPaused) return undefined
    const { clock, services } = life
    const session = services.gateway.accept(connection, codec, '10.0.0.1')
    return {
      message: (data) => clock.deliver(() => session.message(data)),
      drained: () => clock.deliver(() => session.drained()),
      closed: () => clock.deliver(() => session.closed()),
    }
  }

  /** @throws when nobody listens. Never resolves when the process dies meanwhile. */
  async request(call: HttpCall): Promise<HttpAnswer> {
    const life = this.#life
    if (!life?.ready) throw new TypeError('The connection was refused.')
    if (life.clock.isPaused) await new Promise<void>((resolve) => life.clock.deliver(resolve))
    const { routes, dispatcher } = life.services
    const found = matchRoute(routes, call)
    if (!found) return { status: 404, headers: {}, text: '{"code":"not_found"}' }
    try {
      const reply = await dispatcher.dispatch(found.route, { ...call, params: found.params, address: '10.0.0.1' })
      return answerOf(reply)
    } catch (error) {
      const told = toAppError(error)
      if (told.code === 'internal') this.#world.logger.error({ error: told.cause }, 'a request failed')
      return refusalOf(told)
    }
  }
}
