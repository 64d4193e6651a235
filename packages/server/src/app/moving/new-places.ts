import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { choose } from '../../cluster/rendezvous.ts'
import { type Clock, sleep } from '../../lib/clock.ts'
import type { NewPlace } from '../../migration/moved-server.ts'

/** Milliseconds between two looks: until the first is ready, and from then on. */
const looks = { first: 50, later: 1000 }
const patience = 2000

/** The nodes that clients go to, and which of them serve. */
export class NewPlaces {
  readonly #places
  readonly #clock
  #ready: NewPlace[] = []
  #next = 0
  #stopped = false
  #first = Promise.withResolvers<void>()

  constructor(places: readonly NewPlace[], clock: Clock) {
    this.#places = places
    this.#clock = clock
    void this.#look()
  }

  get anyReady(): boolean {
    return this.#ready.length > 0
  }

  /** Resolves when one of them serves. */
  untilReady(): Promise<void> {
    return this.#first.promise
  }

  /** Where a user goes: the same one each time. */
  of(user: string): string | undefined {
    return choose(
      user,
      this.#ready.map(({ url }) => ({ id: url, weight: 1 })),
    )?.id
  }

  /** Where a request is passed on to; one after the other. */
  link(): string | undefined {
    return this.#ready[this.#next++ % this.#ready.length]?.link
  }

  stop(): void {
    this.#stopped = true
  }

  async #look(): Promise<void> {
    while (!this.#stopped) {
      const answers = await Promise.all(this.#places.map(({ link }) => isReady(link)))
      this.#ready = this.#places.filter((_, index) => answers[index])
      if (this.anyReady) this.#first.resolve()
      await sleep(this.#clock, this.anyReady ? looks.later : looks.first)
    }
  }
}

function isReady(link: string): Promise<boolean> {
  const get = link.startsWith('https') ? getHttps : getHttp
  return new Promise((resolve) => {
    const request = get(new URL('/readyz', link), { timeout: patience }, (response) => {
      response.resume().on('error', () => {})
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
