import { Lru } from '../lib/lru.ts'
import type { Coordinator, NodeInfo } from './coordinator.ts'
import { type Candidate, choose } from './rendezvous.ts'

interface Member extends Candidate {
  node: NodeInfo
}

const lanesRemembered = 50_000
/** Sessions that a node is taken to have more than it says, so that small numbers weigh little. */
const ballast = 100
/** How much more often, or more seldom, than another one a node is chosen at most. */
const heaviest = 4

/** The nodes of the cluster as this one sees them: which is chosen for a user, and which for a conversation's lane. */
export class Members {
  readonly #self
  readonly #coordinator
  readonly #reachable
  readonly #others = new Map<string, NodeInfo>()
  #goneListeners: ((node: string) => void)[] = []
  #chat: Member[] = []
  #lanes = new Lru<string, string>(lanesRemembered)

  /** `reachable`: whether there is a link to another node and back. */
  constructor(self: () => NodeInfo, coordinator: Coordinator, reachable: (node: string) => boolean) {
    this.#self = self
    this.#coordinator = coordinator
    this.#reachable = reachable
    this.refresh()
  }

  get others(): readonly NodeInfo[] {
    return [...this.#others.values()]
  }

  isAlive(node: string): boolean {
    return this.#others.has(node) || node === this.#self().id
  }

  /** Told of nodes that are in the cluster no more. */
  onGone(listener: (node: string) => void): void {
    this.#goneListeners.push(listener)
  }

  /** Who there is, or who is linked, changed. */
  refresh(): void {
    const self = this.#self()
    const others = new Map(this.#coordinator.nodes().map((node) => [node.id, node]))
    others.delete(self.id)
    const gone = [...this.#others.keys()].filter((id) => !others.has(id))
    this.#others.clear()
    for (const [id, node] of others) this.#others.set(id, node)
    this.#chat = weighed([...others.values(), self].filter(isChat))
    this.#lanes.clear()
    for (const id of gone) for (const tell of this.#goneListeners) tell(id)
  }

  /**
   * The chat server for a user, of those that are linked where there are any; `avoid` (a url) and `besides` (an id) are
   * only chosen when there is nothing else. Undefined: there is none.
   */
  allocate(user: string, avoid?: string, besides?: string): NodeInfo | undefined {
    const fit = this.#chat.filter(({ node }) => !node.draining && node.id !== besides)
    // A node that died is in the cluster until its session expires; its links break at once.
    const linked = fit.filter(({ id }) => this.#isHere(id) || this.#reachable(id))
    const other = ({ node }: Member): boolean => avoid === undefined || place(node.url) !== place(avoid)
    const usable = [linked.filter(other), fit.filter(other), linked].find((some) => some.length > 0) ?? fit
    const { node } = choose(user, usable) ?? {}
    if (node || besides !== undefined) return node
    // All are leaving: the last ones are better than none.
    return choose(user, this.#chat)?.node
  }

  #isHere(id: string): boolean {
    return id === this.#self().id
  }

  /**
   * The other node that a conversation's lane is on, of all of them or of this one and `rival`; undefined: it is here.
   */
  laneOf(conversation: string, rival?: string): string | undefined {
    const key = rival === undefined ? conversation : `${conversation} ${rival}`
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      const self = this.#self().id
      const usable = this.#chat.filter(({ id, node }) => !node.draining && (this.#isHere(id) || this.#reachable(id)))
      const both = usable.filter(({ id }) => rival === undefined || id === rival || this.#isHere(id))
      const equal = both.map(({ id }) => ({ id, weight: 1 }))
      lane = choose(conversation, equal)?.id ?? self
      this.#lanes.set(key, lane)
    }
    return lane === this.#self().id ? undefined : lane
  }
}

const isChat = ({ roles }: NodeInfo): boolean => roles.includes('chat')

/** Clients may know a node by `ws:` or by `http:`, and by the whole address of its socket. */
const place = (url: string): string => url.replace(/^(ws|http)/, '').replace(/(\/v1\/socket)?\/?$/, '')

function weighed(nodes: readonly NodeInfo[]): Member[] {
  const mean = nodes.reduce((sum, { sessions }) => sum + sessions, 0) / Math.max(1, nodes.length)
  return nodes.map((node) => {
    const weight = (mean + ballast) / (node.sessions + ballast)
    return { id: node.id, node, weight: Math.min(heaviest, Math.max(1 / heaviest, weight)) }
  })
}
