import type { Store } from '@parley/client'
import type { Logger } from '../../../server/src/lib/logger.ts'
import { History } from '../history/history.ts'
import { Chance } from './chance.ts'
import { SimCluster } from './cluster/sim-cluster.ts'
import { Disk } from './disk.ts'
import { type DiskTrouble, noTrouble } from './disk-ports.ts'
import { Engine } from './engines/engine.ts'
import type { EngineBug } from './engines/engine-bug.ts'
import { standAlone } from './footing.ts'
import type { Rewrite } from './link.ts'
import { Network } from './network.ts'
import { SimDevice } from './sim-device.ts'
import { type NodeBug, SimNode } from './sim-node.ts'
import { SimTime } from './sim-time.ts'
import type { StoreSet } from './store-set.ts'

/** One mistake, planted to see whether it is noticed. Made anew for each run. */
export interface Bug extends NodeBug {
  /** Spoils what a crash leaves on the disk. */
  restored?: (set: StoreSet) => void
  /** What nodes get instead of what devices send. */
  rewriteUp?: Rewrite
  spoilStore?: (store: Store) => Store
  /** Messages between nodes that always get lost, by topic. */
  losing?: readonly string[]
  /** What nodes do wrong with engines that they share. */
  engines?: EngineBug
}

export interface Shape {
  users: number
  devicesPerUser: number
  nodes: number
}

/** Nodes over a disk, devices around them, and the weather between. */
export class World {
  readonly time = new SimTime()
  readonly history = new History()
  readonly disk
  readonly cluster: SimCluster | undefined
  readonly network: Network
  readonly chance: Chance
  readonly nodes: SimNode[] = []
  readonly devices: SimDevice[] = []
  /** Conversations that everybody talks in. */
  readonly rooms: string[] = []
  readonly users: string[] = []
  /** What nodes could not explain to their clients. */
  readonly complaints: string[] = []
  trouble: DiskTrouble = noTrouble
  epoch = 1
  readonly #bug: Bug

  constructor(seed: number, shape: Shape, bug: Bug) {
    this.chance = new Chance(seed)
    this.disk = new Disk(this.history, shape.nodes > 1 ? 'late' : 'exact')
    this.#bug = bug
    this.network = new Network(this.time, this.chance.fork(), () => this.nodes)
    this.network.rewriteUp = bug.rewriteUp ?? this.network.rewriteUp
    this.disk.onRestored = bug.restored ?? this.disk.onRestored
    if (shape.nodes > 1) this.cluster = this.#makeCluster(bug)
    for (let worker = 0; worker < shape.nodes; worker++) this.nodes.push(this.#node(worker))
  }

  async begin({ users, devicesPerUser }: Shape): Promise<void> {
    for (const node of this.nodes) node.start()
    await this.time.pass(100)
    if (!(await this.time.until(() => this.nodes.every((node) => node.isUp), 60_000))) throw new Error('no start')
    for (let n = 0; n < users; n++) {
      const username = `user_${n}`
      for (let d = 0; d < devicesPerUser; d++) {
        // The last device of the first user is behind something that lets no sockets through.
        await this.add(username, d === 0 ? 'register' : 'logIn', n > 0 || d === 0 || d < devicesPerUser - 1)
      }
    }
    for (const { user } of this.devices) if (!this.users.includes(user)) this.users.push(user)
    await this.#makeRooms()
  }

  /** A new device, logged in and connected. */
  async add(username: string, how: 'register' | 'logIn', sockets: boolean): Promise<SimDevice> {
    const { time, chance, network, history } = this
    const spoilStore = this.#bug.spoilStore ?? ((store: Store) => store)
    // Some ask for their chat server first, others come through whatever stands in front of all.
    const allocate = this.cluster !== undefined && chance.is(0.5)
    const device = new SimDevice(username, sockets, { time, chance, network, history, spoilStore, allocate })
    await this.finish(device.enter(username, how))
    this.devices.push(device)
    return device
  }

  /** Lets time pass until it is done. */
  async finish<T>(work: Promise<T>): Promise<T> {
    let done = false
    const watch = (): void => {
      done = true
    }
    work.then(watch, watch)
    if (!(await this.time.until(() => done, 120_000))) throw new Error('The simulation waits for ever.')
    return work
  }

  async #makeRooms(): Promise<void> {
    const [first, second] = this.devices
    const client = first!.client!
    const members = this.users.slice(1)
    const group = await this.finish(client.createGroup({ title: 'Everybody', members }))
    const others = await this.finish(
      client.createGroup({ title: 'Some', members: members.slice(0, 1), history: 'all' }),
    )
    const direct = await this.finish(client.direct(members[0]!))
    this.history.add({ type: 'direct', conversation: direct.id, members: [this.users[0]!, members[0]!] })
    this.rooms.push(group.id, others.id, direct.id)
    if (!second) throw new Error('A conversation needs two devices.')
  }

  #makeCluster({ hasty = false, losing = [], engines = {} }: Bug): SimCluster {
    const { time, disk } = this
    const engine = new Engine(disk, { time, chance: this.chance.fork(), hasty })
    const trouble = (): DiskTrouble => this.trouble
    const cluster = new SimCluster(engine, { time, chance: this.chance.fork(), trouble })
    cluster.losing = new Set(losing)
    cluster.bug = engines
    return cluster
  }

  #node(worker: number): SimNode {
    const logger: Logger = {
      debug() {},
      info() {},
      warn() {},
      error: ({ error }: { error?: unknown }, message) => {
        this.complaints.push(`${message}: ${error instanceof Error ? error.stack : String(error)}`)
      },
    }
    const { time, disk, cluster } = this
    const alone = { disk, trouble: () => this.trouble, hasty: this.#bug.hasty ?? false }
    return new SimNode(worker, {
      time,
      disk,
      chance: this.chance.fork(),
      footing: (life) => cluster?.join(life) ?? standAlone(life, alone),
      epoch: () => `e${this.epoch}`,
      bug: this.#bug,
      logger,
      heartbeat: 8000,
      cluster,
    })
  }
}
