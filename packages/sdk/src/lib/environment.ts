/** What the client library uses of the outside. A simulation passes its own. */
export interface Environment {
  clock: Clock
  random: Random
  openSocket: OpenSocket
  fetch: Fetch
}

export interface Clock {
  /** Milliseconds since the epoch. May jump. */
  now(): number
  /** Calls `run` once after `delay` ms. */
  after(delay: number, run: () => void): Timer
}

export interface Timer {
  /** Cancelling a timer that has fired does nothing. */
  cancel(): void
}

export interface Random {
  /** Uniform in [0, 1). */
  float(): number
  /** Not to be guessed: names of messages are made of these. */
  bytes(count: number): Uint8Array
}

/** An open socket, or one that is being opened. */
export interface Socket {
  /** Called only between `events.open` and `events.close`. */
  send(data: string): void
  /** `events.close` follows, unless it was called already. */
  close(code?: number, reason?: string): void
}

/** What a socket tells, in this order: `open` at most once, any number of `message`, `close` exactly once. */
export interface SocketEvents {
  open(): void
  message(data: string): void
  close(code: number, reason: string): void
}

export type OpenSocket = (url: string, protocols: readonly string[], events: SocketEvents) => Socket

export interface FetchInit {
  method: string
  headers: Record<string, string>
  body?: string | Blob | Uint8Array<ArrayBuffer>
  signal?: AbortSignal
}

export interface FetchAnswer {
  status: number
  headers: { get(name: string): string | null }
  text(): Promise<string>
  /** Where it is not there, no bytes can be downloaded. */
  arrayBuffer?(): Promise<ArrayBuffer>
}

/** The part of the global `fetch` that is used. Rejects when there was no answer. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>
