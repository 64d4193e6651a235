import type { DeviceId, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { Hub } from '../delivery/hub.ts'
import { linkTopic, type NodeLink } from '../delivery/node-link.ts'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

/** `openedAt` on the clock of the node that hears it; null while that is not known. `age` in ms. */
const openedTopic = linkTopic<[user: UserId, device: DeviceId, openedAt: number | null, age: number]>('session-opened')

/** Sessions that are told to a node whose link comes up again, and for how long (ms) they may have been opened. */
const recentKept = 10_000
const recentTime = 60_000
/** What may have been on the way at most: a link that says nothing for so long (ms) is ended. */
const longestWay = 2000

/**
 * One socket per device (rule K4), whichever nodes they are on: a session that opened is told to the other nodes, which
 * end older ones of its device. Older by the clock of the node that decides: wall clocks may differ.
 */
export class TakeOver {
  readonly #link
  readonly #clock
  #recent = new Lru<DeviceId, { user: UserId; openedAt: number }>(recentKept)

  constructor(link: NodeLink, hub: Hub, clock: Clock) {
    this.#link = link
    this.#clock = clock
    link.listen(openedTopic, ([user, device, openedAt, age]) => {
      hub.takeOver(user, device, openedAt ?? clock.monotonic() - age - longestWay)
    })
    link.watch({ up: (node) => this.#tellRecent(node) })
  }

  opened({ user, device }: Identity, openedAt: number): void {
    this.#recent.set(device, { user, openedAt })
    for (const node of this.#link.linked) this.#tell(node, user, device, openedAt)
  }

  /** What was opened while there was no link. */
  #tellRecent(node: string): void {
    const since = this.#clock.monotonic() - recentTime
    for (const [device, { user, openedAt }] of this.#recent.entries()) {
      if (openedAt > since) this.#tell(node, user, device, openedAt)
    }
  }

  #tell(node: string, user: UserId, device: DeviceId, openedAt: number): void {
    const age = this.#clock.monotonic() - openedAt
    this.#link.send(node, openedTopic, [user, device, this.#link.timeAt(node, openedAt) ?? null, age])
  }
}
