import { type DownFrame, msgpackCodec, type UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import type { Event } from './event.ts'
import { linkTopic, type NodeLink } from './node-link.ts'
import type { RoutedPlace, Router } from './router.ts'
import type { Lookup, Nodes, Routes } from './routes.ts'

/** How events travel to other nodes: as what they were made from. */
export interface EventCodec {
  encode(event: Event): unknown
  decode(raw: unknown): Event
}

/** Users and positions by turns, and the events they all point at, in MessagePack. */
const deliverTopic = linkTopic<[places: string[], events: Uint8Array]>('deliver')
const transientTopic = linkTopic<{ users: UserId[]; frame: DownFrame }>('transient', 'transient')
const forgetTopic = linkTopic<UserId[]>('forget-routes')

/** Adds to a node what is to go there. */
type Group<Item> = Map<string, Item[]>

/**
 * Carries to the sessions of this node at once, and to other nodes one message for all who are there. Where somebody
 * is comes from the registry and is kept at hand; all of it is a hint.
 */
export class ClusterRouter implements Router {
  readonly #local
  readonly #link
  readonly #routes
  readonly #codec
  readonly #clock

  /** `arrived` is told of the events of other nodes before they are delivered. */
  constructor(deps: {
    local: Router
    link: NodeLink
    routes: Routes
    codec: EventCodec
    clock: Clock
    arrived: (events: readonly Event[], from: string) => void
  }) {
    const { local, link, routes, codec, clock, arrived } = deps
    this.#local = local
    this.#link = link
    this.#routes = routes
    this.#codec = codec
    this.#clock = clock
    link.listen(deliverTopic, ([flat, encoded], from) => {
      const raw = msgpackCodec.decode(encoded) as unknown[]
      const events = raw.map((one) => codec.decode(one))
      arrived(events, from)
      const places: RoutedPlace[] = []
      for (let at = 0; at < flat.length; at += 2) {
        places.push({ user: flat[at] as UserId, position: flat[at + 1] as string })
      }
      local.deliver(places, events)
    })
    link.listen(transientTopic, ({ users, frame }) => local.broadcast(users, frame))
    link.listen(forgetTopic, (users) => routes.forget(users))
    link.watch({ missed: () => routes.clear() })
  }

  deliver(places: readonly RoutedPlace[], events: readonly Event[]): void {
    this.#local.deliver(places, events)
    if (this.#link.linked.length === 0) return
    let encoded: Uint8Array | undefined
    this.#route(
      places,
      ({ user }) => user,
      (node, there) => {
        encoded ??= msgpackCodec.encode(events.map((event) => this.#codec.encode(event))) as Uint8Array
        const flat: string[] = []
        for (const { user, position } of there) flat.push(user, position)
        this.#link.send(node, deliverTopic, [flat, encoded])
      },
    )
  }

  broadcast(users: readonly UserId[], frame: DownFrame): void {
    this.#local.broadcast(users, frame)
    if (this.#link.linked.length === 0) return
    this.#route(
      users,
      (user) => user,
      (node, there) => this.#link.send(node, transientTopic, { users: there, frame }),
    )
  }

  /** These users came to this node or left it: whoever keeps their routes asks again. */
  forget(users: readonly UserId[]): void {
    this.#link.broadcast(forgetTopic, [...users])
  }

  /** Sends what is known at once, and the rest when the registry has answered. */
  #route<Item>(items: readonly Item[], userOf: (item: Item) => UserId, send: (node: string, there: Item[]) => void) {
    const now = this.#clock.monotonic()
    const groups: Group<Item> = new Map()
    let later: Map<Lookup, Item[]> | undefined
    for (const item of items) {
      const found = this.#routes.of(userOf(item), now)
      if (isLookup(found)) {
        later ??= new Map()
        append(later, found, item)
      } else for (const node of found) append(groups, node, item)
    }
    for (const [node, there] of groups) send(node, there)
    if (!later) return
    for (const [lookup, waiting] of later) {
      this.#routes.whenFound(lookup, (found) => {
        const answered: Group<Item> = new Map()
        for (const item of waiting) for (const node of found.get(userOf(item)) ?? []) append(answered, node, item)
        for (const [node, there] of answered) send(node, there)
      })
    }
  }
}

const isLookup = (found: Nodes | Lookup): found is Lookup => !Array.isArray(found)

function append<Key, Item>(groups: Map<Key, Item[]>, key: Key, item: Item): void {
  const group = groups.get(key)
  if (group) group.push(item)
  else groups.set(key, [item])
}
