import type { AdminNode, Overview, StorageUsed } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { NodeInfo } from '../cluster/coordinator.ts'
import type { Clock } from '../lib/clock.ts'
import type { Operators } from './operators.ts'

/** What only the node itself can say. */
export interface NodeReport {
  version: string
  startedAt: number
  memory: number
  /** Sockets right now. */
  sessions: number
  traffic: { messages: number; perMinute: number }
}

/** The nodes of the service as this one sees them, itself first. */
export interface NodesInSight {
  here(): NodeInfo
  others(): readonly NodeInfo[]
  /** undefined when the node does not answer in time. */
  ask(node: string): Promise<NodeReport | undefined>
}

/** How the service is (rule O9). */
export class ServiceOverview {
  readonly #operators
  readonly #nodes
  readonly #report
  readonly #storage
  readonly #clock

  constructor(deps: {
    operators: Operators
    nodes: NodesInSight
    report: () => NodeReport
    storage: () => Promise<StorageUsed>
    clock: Clock
  }) {
    this.#operators = deps.operators
    this.#nodes = deps.nodes
    this.#report = deps.report
    this.#storage = deps.storage
    this.#clock = deps.clock
  }

  async look(identity: Identity): Promise<Overview> {
    await this.#operators.need(identity)
    const own = this.#report()
    const [others, storage] = await Promise.all([
      Promise.all(this.#nodes.others().map(async (node) => adminNode(node, await this.#nodes.ask(node.id), false))),
      this.#storage(),
    ])
    const nodes = [adminNode(this.#nodes.here(), own, true), ...others]
    const sum = (of: (node: AdminNode) => number): number => nodes.reduce((total, node) => total + of(node), 0)
    const traffic = {
      messages: sum(({ traffic: one }) => one?.messages ?? 0),
      perMinute: sum(({ traffic: one }) => one?.perMinute ?? 0),
      sessions: sum(({ sessions }) => sessions),
    }
    return { version: own.version, nodes, traffic, storage, at: this.#clock.now() }
  }
}

function adminNode(node: NodeInfo, report: NodeReport | undefined, here: boolean): AdminNode {
  const { id, url, roles, draining } = node
  const known = { id, url, roles: [...roles], draining, here }
  if (!report) return { ...known, sessions: node.sessions }
  const { sessions, version, startedAt, memory, traffic } = report
  return { ...known, sessions, version, startedAt, memory, traffic }
}
