import type { Coordinator, NodeInfo, WorkerLease } from '../../cluster/coordinator.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { type Random, randomToken } from '../../lib/random.ts'
import type { ZooKeeperConnection } from './connection.ts'
import { Leadership } from './leadership.ts'
import { NodeList } from './node-list.ts'
import { OwnStatus } from './own-status.ts'
import { ZooKeeperLease } from './worker-lease.ts'
import { WorkerNumbers } from './worker-numbers.ts'

/** Below the root. */
export const folders = ['nodes', 'owners', 'workers', 'leaders'] as const

export class ZooKeeperCoordinator implements Coordinator {
  readonly #connection
  readonly #root
  readonly #clock
  readonly #logger
  readonly #random
  readonly #numbers
  readonly #nodes
  readonly #status
  #lease: ZooKeeperLease | undefined
  #leaderships = new Map<string, Leadership>()

  constructor(
    connection: ZooKeeperConnection,
    root: string,
    deps: { clock: Clock; random: Random; logger: Logger; workerNumbers?: number },
  ) {
    this.#numbers = new WorkerNumbers(connection, root, deps.clock, deps.workerNumbers)
    this.#connection = connection
    this.#root = root
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#random = deps.random
    this.#nodes = new NodeList(connection, `${root}/nodes`, deps.clock, deps.logger)
    this.#status = new OwnStatus(connection, `${root}/nodes`, deps.clock)
  }

  nodes(): readonly NodeInfo[] {
    return this.#nodes.list
  }

  onChange(listener: () => void): () => void {
    return this.#nodes.onChange(listener)
  }

  announce(self: NodeInfo): Promise<void> {
    return this.#status.announce(self)
  }

  async lease(): Promise<WorkerLease> {
    this.#lease ??= new ZooKeeperLease({
      connection: this.#connection,
      numbers: this.#numbers,
      owner: randomToken(this.#random, 16),
      clock: this.#clock,
      logger: this.#logger,
    })
    await this.#lease.taken()
    return this.#lease
  }

  leads(task: string): boolean {
    let leadership = this.#leaderships.get(task)
    if (!leadership) {
      leadership = new Leadership(this.#connection, `${this.#root}/leaders/${task}`, this.#clock)
      this.#leaderships.set(task, leadership)
    }
    return leadership.isOurs
  }

  async close(): Promise<void> {
    const parts = [this.#nodes, this.#status, this.#lease, ...this.#leaderships.values()]
    const stopped = Promise.all(parts.map((part) => part?.stop()))
    await this.#connection.close()
    await stopped
  }
}
