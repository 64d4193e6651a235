import type { Fetch, FetchAnswer, FetchInit, OpenSocket } from '@parley/client'
import { jsonCodec } from '@parley/protocol'
import type { Chance } from './chance.ts'
import { Link, type Rewrite } from './link.ts'
import type { HttpAnswer, HttpCall } from './sim-http.ts'
import type { SimNode } from './sim-node.ts'
import type { SimTime } from './sim-time.ts'

/** How the network is. Chances from 0 to 1. */
export interface Weather {
  /** Milliseconds one way, longest. */
  delay: number
  /** A request, or its answer, gets lost; half of the time nobody is told. */
  lost: number
  /** A request is carried twice, as a proxy does that tries again. */
  repeated: number
}

export const calm: Weather = { delay: 5, lost: 0, repeated: 0 }

/** Requests that are safe to repeat by HTTP's own rules: proxies do. */
const repeatable = new Set(['GET', 'PUT', 'DELETE'])

/** Everything between devices and nodes. */
export class Network {
  weather: Weather = calm
  rewriteUp: Rewrite = (frame) => frame
  readonly #time
  readonly #chance
  readonly #nodes
  #links = new Set<Link>()

  constructor(time: SimTime, chance: Chance, nodes: () => readonly SimNode[]) {
    this.#time = time
    this.#chance = chance
    this.#nodes = nodes
  }

  get links(): Link[] {
    return [...this.#links]
  }

  /** Sockets of a device; `allowed` false: something between lets no sockets through. */
  sockets(node: () => SimNode, allowed: () => boolean): OpenSocket {
    return (url, _protocols, events) => {
      const link = new Link(this.#time, () => this.#delay(), events)
      link.rewriteUp = this.rewriteUp
      let forget = (): void => {}
      link.onOver = () => {
        this.#links.delete(link)
        forget()
      }
      this.#links.add(link)
      const at = allowed() ? (this.#named(url) ?? node()) : undefined
      link.open((opened) => {
        if (at?.isPaused) opened.silence()
        const accepted = at?.accept(opened, jsonCodec)
        if (accepted && at) forget = at.onDeath((told) => (told ? opened.break() : opened.silence()))
        return accepted
      })
      return {
        send: (data) => link.sendUp(data),
        close: () => link.closeUp(),
      }
    }
  }

  fetch(node: () => SimNode): Fetch {
    return (url, init) => {
      const { pathname, searchParams } = new URL(url)
      const call: Omit<HttpCall, 'signal'> = {
        method: init.method,
        path: pathname,
        query: Object.fromEntries(searchParams),
        body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
        authorization: init.headers.authorization,
      }
      if (repeatable.has(init.method) && this.#chance.is(this.weather.repeated)) {
        this.#carry(node(), call, new AbortController().signal).catch(() => {})
      }
      return this.#call(node(), call, init)
    }
  }

  #call(node: SimNode, call: Omit<HttpCall, 'signal'>, { signal }: FetchInit): Promise<FetchAnswer> {
    return new Promise((resolve, reject) => {
      const gone = new AbortController()
      const abort = (): void => {
        reject(signal?.reason)
        gone.abort()
      }
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort, { once: true })
      const forget = node.onDeath((told) => told && reject(new TypeError('The connection was reset.')))
      this.#carry(node, call, gone.signal)
        .then(({ status, headers, text }) => {
          resolve({ status, headers: { get: (name) => headers[name] ?? null }, text: async () => text })
        }, reject)
        .finally(forget)
    })
  }

  /** There and back; what gets lost is told by a reset, or never. */
  async #carry(node: SimNode, call: Omit<HttpCall, 'signal'>, signal: AbortSignal): Promise<HttpAnswer> {
    await this.#travel()
    const answer = await node.request({ ...call, signal })
    await this.#travel()
    return answer
  }

  async #travel(): Promise<void> {
    await new Promise<void>((resolve) => this.#time.after(this.#delay(), resolve))
    if (!this.#chance.is(this.weather.lost)) return
    if (this.#chance.is(0.5)) await new Promise(() => {})
    throw new TypeError('The connection was reset.')
  }

  #delay(): number {
    const { delay } = this.weather
    return this.#chance.is(0.02) ? this.#chance.between(delay, delay * 20) : this.#chance.between(0.2, delay)
  }

  /** The node that an address names; undefined: all nodes are behind it. */
  #named(url: string): SimNode | undefined {
    const { host } = new URL(url)
    return this.#nodes().find((node) => new URL(node.url).host === host)
  }

  /** The node that a device is sent to now. */
  get balancer(): () => SimNode {
    return () => this.#chance.pick(this.#nodes())!
  }
}
