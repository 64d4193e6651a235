import type { Clock } from '../../lib/clock.ts'
import { Reconciler } from '../../lib/reconciler.ts'
import type { ZooKeeperConnection } from './connection.ts'
import { isKind, ZooKeeperError } from './stored-node.ts'

/** Part of the session's timeout since it was surely alive, after which another node may lead. */
const sureFor = 2 / 3

/** One task that one node leads: whoever made the ephemeral node of its name. Those that did not, watch it. */
export class Leadership {
  readonly #connection
  readonly #path
  readonly #campaign
  /** The session in which this node leads. */
  #leading: string | undefined

  constructor(connection: ZooKeeperConnection, path: string, clock: Clock) {
    this.#connection = connection
    this.#path = path
    this.#campaign = new Reconciler(() => this.#run(), clock)
    connection.onReady(this.#wake)
    this.#wake()
  }

  get isOurs(): boolean {
    return this.#leading !== undefined && this.#leading === this.#connection.session && this.#connection.isSure(sureFor)
  }

  stop(): Promise<void> {
    return this.#campaign.stop()
  }

  readonly #wake = (): void => this.#campaign.wake()

  async #run(): Promise<void> {
    const { session } = this.#connection
    await this.#connection
      .write((client) => client.create(this.#path, '', 'ephemeral'))
      .catch((error) => {
        // Perhaps by us: the answer of an earlier try may have been lost.
        if (!isKind(error, 'exists')) throw error
      })
    const there = await this.#connection.read((client) => client.get(this.#path, this.#wake))
    this.#leading = there && there.owner === session ? session : undefined
    if (!there) throw new ZooKeeperError('missing', 'The leader went meanwhile.')
  }
}
