import type { Addresses } from '../http/addresses.ts'
import { socketUrl } from '../http/addresses.ts'
import type { Api } from '../http/api.ts'
import { OfflineError, ParleyError } from '../lib/errors.ts'
import type { Replica } from '../store/replica.ts'
import type { Hello } from './socket-session.ts'

export interface Target {
  url: string
  hello: Hello
}

export interface TargetsDependencies {
  addresses: Addresses
  api: Api
  replica: Replica
  client: string
  /** Ask for an allocated chat server before each connection, not only when one was lost. */
  allocate: boolean
}

/** How long an address may take to allocate a server before the next one is asked, ms. */
const patience = 5_000

/** Where the next connection may go (`POST /v1/connect`, rules K2, K3, K5). */
export class Targets {
  readonly #d
  /** The server that is not wanted again. */
  #avoid: string | undefined
  /** Where the last server said to go. */
  #to: string | undefined
  /** That a server be allocated. */
  #wanted: boolean
  /** What was tried in this round in vain. */
  readonly #failed = new Set<string>()

  constructor(dependencies: TargetsDependencies) {
    this.#d = dependencies
    this.#wanted = dependencies.allocate
  }

  /** A connection stands: what was wrong before it is. */
  reached(): void {
    this.#avoid = undefined
    this.#to = undefined
    this.#wanted = this.#d.allocate
  }

  /** The server at `from` sent this device away, perhaps to another one; it may stop soon. */
  moved(from: string, to: string | undefined): void {
    this.#wanted = true
    this.#to = to
    this.#leave(from)
  }

  /** The server at `from` went away. Where the service has other addresses those are asked first, for another one. */
  lost(from: string): void {
    const { addresses, allocate } = this.#d
    this.#wanted = allocate || addresses.count > 1
    this.#leave(from)
  }

  /** There was no connection to the server at `url`. */
  failed(url: string): void {
    this.#failed.add(url)
    this.#avoid = url
  }

  /**
   * One after the other, each address once, until one is good: what it allocates, with a ticket, then the address itself
   * with the token, which goes nowhere else (rule K5).
   * @throws OfflineError, ParleyError when none could be had: the last failure
   */
  async *round(signal: AbortSignal): AsyncGenerator<Target, void, void> {
    const { addresses, replica } = this.#d
    this.#failed.clear()
    let failure: unknown
    let any = false
    for (const address of addresses.inTurn()) {
      failure = undefined
      try {
        const allocated = this.#wanted ? await this.#allocated(address, signal) : undefined
        if (allocated && !this.#failed.has(allocated.url)) yield allocated
      } catch (error) {
        if (signal.aborted || !passes(error)) throw error
        failure = error
      }
      const url = socketUrl(address)
      if (!(failure instanceof OfflineError)) {
        any = true
        if (!this.#failed.has(url)) yield { url, hello: this.#hello({ token: replica.session?.token ?? '' }) }
      }
      addresses.failed(address)
    }
    if (!any) throw failure
  }

  async #allocated(address: string, signal: AbortSignal): Promise<Target> {
    const { url, ticket } = await this.#d.api.connect(this.#avoid, { signal, address, timeout: patience })
    const to = socketUrl(new URL(this.#to ?? url, address).href)
    // Should it fail, another one is asked for.
    this.#to = undefined
    return { url: to, hello: this.#hello({ ticket }) }
  }

  /** Neither sockets nor calls go to the server at `url` while there is another one. */
  #leave(url: string): void {
    this.#avoid = url
    const { addresses } = this.#d
    for (const address of addresses.inTurn()) if (socketUrl(address) === url) addresses.failed(address)
  }

  #hello(who: { token: string } | { ticket: string }): Hello {
    const { replica, client } = this.#d
    return { ...who, cursor: replica.cursor ?? null, client }
  }
}

/** Another address may do better. */
function passes(error: unknown): boolean {
  return error instanceof OfflineError || (error instanceof ParleyError && error.code !== 'unauthenticated')
}
