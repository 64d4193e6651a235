import type { ByeFrame, DownFrame } from '@parley/protocol'

/** Where a server is; a function is asked before each connection, so that it may be another one each time. */
export type ServerUrl = string | (() => string)

export const resolveUrl = (url: ServerUrl): string => (typeof url === 'string' ? url : url())

/** Where a device connects next and when (rule K3), and how long it was without a server each time. */
export class RawWay {
  /** Milliseconds from the last frame of one connection to `live` on the next, each time. */
  readonly gaps: number[] = []
  readonly #known
  readonly #retry
  #url = ''
  #bye: ByeFrame | undefined
  #heardAt = 0
  #lostAt: number | undefined

  /** `known`: addresses that it knows by itself. `retry`: milliseconds until it tries again when nobody said `bye`. */
  constructor(known: ServerUrl, retry: number) {
    this.#known = known
    this.#retry = retry
  }

  /** Of the connection there is, or was. */
  get url(): string {
    return this.#url
  }

  /** The address for a new connection: where it was sent, once, or one that it knows. */
  next(): string {
    this.#url = this.#bye?.url?.replace(/^ws/, 'http') ?? resolveUrl(this.#known)
    this.#bye = undefined
    return this.#url
  }

  heard(frame: DownFrame): void {
    this.#heardAt = performance.now()
    if (frame.t === 'bye') this.#bye = frame
    if (frame.t !== 'live' || this.#lostAt === undefined) return
    this.gaps.push(this.#heardAt - this.#lostAt)
    this.#lostAt = undefined
  }

  /** The connection is gone, or was not had. @returns milliseconds to wait before the next */
  lost(): number {
    if (this.#heardAt > 0) this.#lostAt ??= this.#heardAt
    return this.#bye ? this.#bye.after + Math.random() * this.#bye.spread : this.#retry
  }
}
