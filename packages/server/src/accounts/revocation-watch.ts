import type { DeviceId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { Lru } from '../lib/lru.ts'
import type { Revocation, RevocationLog } from './revocation-log.ts'

/** Milliseconds between two questions: a device that was logged out anywhere is out everywhere within a second. */
const period = 500
const remembered = 20_000

export interface RevocationListener {
  revoked(revocation: Revocation): void
  /** Any device may have been revoked: everybody has to show a token again. */
  anyRevoked(): void
}

/** Asks the store what other nodes revoked. Beside the word that comes over the links, which may be lost. */
export class RevocationWatch {
  readonly #log
  readonly #listener
  readonly #clock
  readonly #logger
  /** Told already: the store may tell again what it told lately. */
  readonly #told = new Lru<DeviceId, true>(remembered)
  #mark: string | undefined
  #timer: Timer | undefined
  #asking: Promise<void> | undefined
  #away = false

  constructor(deps: { log: RevocationLog; listener: RevocationListener; clock: Clock; logger: Logger }) {
    this.#log = deps.log
    this.#listener = deps.listener
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  /** Awaited before the first token is looked at: nothing that is revoked from now on is missed. */
  async start(): Promise<void> {
    this.#mark = (await this.#log.since(undefined)).mark
    this.#timer = this.#clock.every(period, () => {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined
      })
    })
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#asking
  }

  async #ask(): Promise<void> {
    try {
      const { mark, revocations } = await this.#log.since(this.#mark)
      this.#mark = mark
      this.#away = false
      if (revocations) this.#tell(revocations)
      else this.#listener.anyRevoked()
    } catch (error) {
      if (!this.#away) this.#logger.warn({ error }, 'it is not known which devices other nodes log out')
      this.#away = true
    }
  }

  #tell(revocations: readonly Revocation[]): void {
    for (const revocation of revocations) {
      if (this.#told.get(revocation.device)) continue
      this.#told.set(revocation.device, true)
      this.#listener.revoked(revocation)
    }
  }
}
