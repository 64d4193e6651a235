import type { Codec } from '@parley/protocol'
import { createServices, type Ports, type Services } from '../../../server/src/app/services.ts'
import type { Connection, ConnectionListener } from '../../../server/src/gateway/connection.ts'
import { toAppError } from '../../../server/src/lib/errors.ts'
import type { Logger } from '../../../server/src/lib/logger.ts'
import type { Chance } from './chance.ts'
import type { Disk } from './disk.ts'
import { DiskProcess, type DiskTrouble } from './disk-ports.ts'
import type { SimCluster } from './sim-cluster.ts'
import { answerOf, type HttpAnswer, type HttpCall, matchRoute, refusalOf } from './sim-http.ts'
import type { MachineClock, SimTime } from './sim-time.ts'

/** A node that cannot start is started again. */
async function insist(clock: MachineClock, work: () => Promise<void>): Promise<void> {
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
  ports?: (ports: Ports, disk: Disk) => Ports
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
  trouble: () => DiskTrouble
  /** Names this history of the data (rule Y4). */
  epoch: () => string
  bug: NodeBug
  logger: Logger
  heartbeat: number
  /** undefined: there is one node. */
  cluster: SimCluster | undefined
}

/** A machine that runs the real services, one life of a process after the other. */
export class SimNode {
  readonly worker
  readonly #world
  #skew: number
  #life: { id: string; clock: MachineClock; services: Services; ready: boolean } | undefined
  #starts = 0
  #deaths = new Set<(told: boolean) => void>()

  constructor(worker: number, world: NodeWorld) {
    this.worker = worker
    this.#world = world
    this.#skew = world.chance.between(-20, 20)
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
    const { time, disk, chance, trouble, bug, logger, epoch, heartbeat, cluster } = this.#world
    const id = `n${this.worker}-${this.#starts}`
    const clock = time.machine(this.#skew)
    const own = chance.fork()
    const process = new DiskProcess(disk, { clock, chance: chance.fork(), trouble, hasty: bug.hasty ?? false })
    const { worker } = this
    const floor = disk.ceilings.get(worker) ?? 0
    const ports: Ports = {
      ...process.ports(),
      limiter: { take: () => 0 },
      lease: {
        worker,
        reserve: 3000,
        floor: () => floor,
        ceiling: () => disk.ceilings.get(worker) ?? 0,
        raise: (ceiling) => process.reserve(worker, ceiling),
        held: () => true,
      },
    }
    const services = createServices({
      ports: bug.ports?.(ports, disk) ?? ports,
      clock,
      random: own.random,
      logger,
      hasher: { hash: async (password) => password, verify: async (password, stored) => password === stored },
      ticketKey: new Uint8Array(32),
      epoch: epoch(),
      heartbeat,
      publicUrl: () => this.url,
      ...(cluster ? { usersKeptFor: 5000, cluster: cluster.join(id, this.url) } : {}),
    })
    const life = { id, clock, services, ready: false }
    this.#life = life
    void services.ids.keepAhead().then(async () => {
      if (cluster) await insist(clock, () => services.watch.start())
      if (!bug.noSweep) services.gateway.start()
      services.indexer.start()
      await services.cluster?.start()
      life.ready = true
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

  accept(connection: Connection, codec: Codec): ConnectionListener | undefined {
    return this.isUp ? this.#life?.services.gateway.accept(connection, codec, '10.0.0.1') : undefined
  }

  /** @throws when nobody listens. Never resolves when the process dies meanwhile. */
  async request(call: HttpCall): Promise<HttpAnswer> {
    const life = this.#life
    if (!life?.ready) throw new TypeError('The connection was refused.')
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
