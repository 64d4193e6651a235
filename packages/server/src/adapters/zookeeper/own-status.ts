import type { NodeInfo } from '../../cluster/coordinator.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import { unavailable } from '../../lib/errors.ts'
import { Reconciler } from '../../lib/reconciler.ts'
import type { ZooKeeperConnection } from './connection.ts'
import { formatStatus, nameOf } from './status-text.ts'
import { isKind } from './stored-node.ts'

/** Milliseconds for which changes of load are gathered: each is read by every node. */
const gatherTime = 1_000
/** Milliseconds that who announces waits to hear that it was stored. */
const patience = 5_000

/** What this node tells of itself, as an ephemeral node that is there again after its session was replaced. */
export class OwnStatus {
  readonly #connection
  readonly #folder
  readonly #clock
  readonly #storing
  #wanted: NodeInfo | undefined
  #stored: NodeInfo | undefined
  #storedAt = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined
  #announced = 0
  #waiting: { upTo: number; resolve: () => void }[] = []

  constructor(connection: ZooKeeperConnection, folder: string, clock: Clock) {
    this.#connection = connection
    this.#folder = folder
    this.#clock = clock
    this.#storing = new Reconciler(() => this.#store(), clock)
    connection.onReady(() => this.#storing.wake())
  }

  /** @throws AppError `unavailable`; it is told later then */
  announce(status: NodeInfo): Promise<void> {
    this.#wanted = status
    const stored = this.#isStored(++this.#announced)
    const rest = this.#isLoadOnly(status) ? this.#storedAt + gatherTime - this.#clock.monotonic() : 0
    if (rest <= 0) this.#storing.wake()
    else this.#timer ??= this.#clock.after(rest, () => this.#storing.wake())
    return stored
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#storing.stop()
  }

  #isLoadOnly(status: NodeInfo): boolean {
    const before = this.#stored
    return before !== undefined && formatStatus({ ...status, sessions: before.sessions }) === formatStatus(before)
  }

  async #store(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const [status, upTo] = [this.#wanted, this.#announced]
    if (!status) return
    const { session } = this.#connection
    const [path, text] = [`${this.#folder}/${nameOf(status.id)}`, formatStatus(status)]
    const there = await this.#connection.read((client) => client.get(path))
    // One of a session that is over would go any moment.
    if (there && there.owner !== session) await this.#remove(path)
    if (there?.owner !== session) await this.#connection.write((client) => client.create(path, text, 'ephemeral'))
    else if (there?.data !== text) await this.#connection.write((client) => client.set(path, text))
    this.#stored = status
    this.#storedAt = this.#clock.monotonic()
    for (const waiting of this.#waiting.filter((one) => one.upTo <= upTo)) waiting.resolve()
  }

  #isStored(upTo: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel()
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
      }
      const waiting = {
        upTo,
        resolve: () => {
          end()
          resolve()
        },
      }
      const timer = this.#clock.after(patience, () => {
        end()
        reject(unavailable('ZooKeeper does not know yet what this node is.'))
      })
      this.#waiting.push(waiting)
    })
  }

  #remove(path: string): Promise<void> {
    return this.#connection
      .write((client) => client.remove(path))
      .catch((error) => {
        if (!isKind(error, 'missing')) throw error
      })
  }
}
