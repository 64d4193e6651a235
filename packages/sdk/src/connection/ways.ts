import type { ClientEvents } from '../client-events.ts'
import type { Api } from '../http/api.ts'
import type { Emitter } from '../lib/emitter.ts'
import type { Environment } from '../lib/environment.ts'
import type { Observe } from '../observation.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Replica } from '../store/replica.ts'
import type { SyncEngine } from '../sync/engine.ts'
import type { Source, Start } from '../sync/source.ts'
import { PollSession } from './poll-session.ts'
import { type Ended, type Hello, SocketSession } from './socket-session.ts'
import type { ConnectionState, Via } from './state.ts'
import type { Way } from './way.ts'

export interface WaysDependencies {
  environment: Environment
  api: Api
  replica: Replica
  engine: SyncEngine
  outbox: Outbox
  events: Emitter<ClientEvents>
  observe: Observe
  /** A way is open for requests; undefined: it is gone. */
  onWay: (way: Way | undefined) => void
  /** The backlog is applied. */
  onLive: (signal: AbortSignal) => void
}

const patience = 10_000

/** The two ways to the server, one at a time: each brings updates to the engine and takes the outbox's requests. */
export class Ways {
  readonly #d
  readonly #become
  #sessions = 0
  #current: Source | undefined

  constructor(dependencies: WaysDependencies, become: (state: ConnectionState) => void) {
    this.#d = dependencies
    this.#become = become
  }

  /** A socket until its end. Aborting ends it. `welcomed`: the server took this device. */
  async socket(url: string, hello: Hello, signal: AbortSignal, welcomed: () => void): Promise<Ended> {
    const { environment, engine, events, observe } = this.#d
    const number = ++this.#sessions
    const over = new AbortController()
    const { promise: ended, resolve } = Promise.withResolvers<Ended>()
    const source: Source = {
      signal: over.signal,
      acknowledge: (pos, count) => session.stored(pos, count),
      caughtUp: () => this.#live('socket', over.signal),
      failed: (error) => {
        events.emit('error', asError(error))
        session.close(4000)
      },
    }
    const session: SocketSession = new SocketSession(
      environment,
      { url, hello, patience },
      {
        greeting: () => {
          this.#become({ status: 'greeting', url })
          observe({ type: 'hello', session: number, via: 'socket', cursor: hello.cursor })
        },
        welcome: (frame) => {
          const { cursor, resume } = frame
          welcomed()
          observe({ type: 'welcome', session: number, cursor, resume })
          void this.#begin('socket', session, source, frame)
        },
        update: (pos, update) => {
          observe({ type: 'event', session: number, pos, update })
          engine.update(source, pos, update)
        },
        live: (pos) => {
          observe({ type: 'live', session: number, pos })
          engine.live(source, pos)
        },
        acked: (pos) => observe({ type: 'acked', session: number, pos }),
        presence: ({ t: _, ...presence }) => events.emit('presence', presence),
        typing: ({ t: _, ...typing }) => events.emit('typing', typing),
        error: (error) => events.emit('error', error),
        ended: (how) => {
          this.#end(source, over)
          resolve(how)
        },
      },
    )
    const close = (): void => session.close()
    signal.addEventListener('abort', close, { once: true })
    return ended.finally(() => signal.removeEventListener('abort', close))
  }

  /** Polls until a poll fails or `signal` is aborted: rejects with the reason. */
  async poll(signal: AbortSignal): Promise<void> {
    const { api, engine, environment, replica, events, observe } = this.#d
    const number = ++this.#sessions
    const over = new AbortController()
    const session = new PollSession(api, environment.clock)
    const source: Source = {
      signal: over.signal,
      acknowledge: () => {},
      caughtUp: () => this.#live('poll', over.signal),
      failed: (error) => {
        events.emit('error', asError(error))
        over.abort(error)
      },
    }
    try {
      await session.run(
        () => replica.cursor,
        {
          asked: (cursor) => {
            if (cursor === undefined) observe({ type: 'hello', session: number, via: 'poll', cursor: null })
            else observe({ type: 'acked', session: number, pos: cursor })
          },
          begin: (start) => {
            observe({ type: 'welcome', session: number, ...start })
            return this.#begin('poll', session, source, start)
          },
          update: (pos, update) => {
            observe({ type: 'event', session: number, pos, update })
            engine.update(source, pos, update)
          },
          cursor: (pos) => engine.cursor(source, pos),
          live: (pos) => {
            observe({ type: 'live', session: number, pos })
            engine.live(source, pos)
          },
        },
        AbortSignal.any([signal, over.signal]),
      )
    } finally {
      this.#end(source, over)
    }
  }

  async #begin(via: Via, way: Way, source: Source, start: Start): Promise<void> {
    this.#current = source
    this.#become({ status: 'catching-up', via })
    try {
      await this.#d.engine.begin(source, start)
    } catch (error) {
      if (!source.signal.aborted) source.failed(error)
      return
    }
    if (source.signal.aborted) return
    this.#d.outbox.attach(way)
    this.#d.onWay(way)
  }

  #live(via: Via, signal: AbortSignal): void {
    this.#become({ status: 'live', via })
    this.#d.onLive(signal)
  }

  #end(source: Source, over: AbortController): void {
    over.abort()
    this.#d.engine.end(source)
    if (this.#current !== source) return
    this.#current = undefined
    this.#d.outbox.detach()
    this.#d.onWay(undefined)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
