import type { Gateway } from '../gateway/gateway.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Cluster } from './cluster.ts'

/** ms between two looks. */
const period = 500

/**
 * One of several nodes that cannot serve (its clock is wrong, say) takes no part until it can: the others get its lanes
 * and its clients. Where there is nobody else its clients stay, and are refused with when to come back.
 */
export class Withdrawal {
  readonly #trouble
  readonly #cluster
  readonly #gateway
  readonly #clock
  readonly #logger
  #withdrawn = false
  #timer: Timer | undefined

  constructor(deps: {
    /** Why this node cannot serve; undefined: it can. */
    trouble: () => string | undefined
    cluster: Pick<Cluster, 'withdraw' | 'elsewhere'>
    gateway: Pick<Gateway, 'moveAway'>
    clock: Clock
    logger: Logger
  }) {
    this.#trouble = deps.trouble
    this.#cluster = deps.cluster
    this.#gateway = deps.gateway
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  start(): void {
    this.#timer = this.#clock.every(period, () => this.look())
    this.look()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  look(): void {
    const reason = this.#trouble()
    const withdraws = reason !== undefined
    if (withdraws === this.#withdrawn) return
    this.#withdrawn = withdraws
    void this.#cluster.withdraw(withdraws)
    if (!withdraws) return this.#logger.warn({}, 'this node serves again')
    this.#logger.error({ reason }, 'this node serves nobody for now')
    void this.#gateway.moveAway(({ user }) => this.#cluster.elsewhere(user), 'this server cannot serve for now')
  }
}
