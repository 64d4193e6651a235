import { OfflineError } from '@parley/client'
import type { Call, CallTarget } from './calls.ts'
import type { Channel, TabMessage } from './channel.ts'
import { fromFailure } from './failures.ts'

interface Asked {
  target: CallTarget
  args: unknown[]
  abortable: number | undefined
  resolve(value: unknown): void
  reject(error: unknown): void
  /** The leader that is there now was asked. */
  posted: boolean
}

/** Methods that may be done twice: they ask, or they carry the id by which the server knows them again (rule D2). */
const repeatables = new Set([
  'send',
  'read',
  'messages',
  'message',
  'members',
  'receipts',
  'search',
  'user',
  'of',
  'typing',
])

export const isRepeatable = ({ method }: CallTarget): boolean => repeatables.has(method)

/** Calls of a tab that does not lead: asked of the one that does, again of the next when that went away. */
export class Follower {
  readonly #channel
  readonly #newId
  readonly #asked = new Map<string, Asked>()
  #led = false

  constructor(channel: Channel, newId: () => string) {
    this.#channel = channel
    this.#newId = newId
  }

  call(target: CallTarget, args: unknown[]): Promise<unknown> {
    const { plain, signal, abortable } = withoutSignal(args)
    const id = this.#newId()
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const abort = (): void => {
        if (!this.#asked.delete(id)) return
        this.#channel.post({ type: 'abort', id })
        reject(signal?.reason)
      }
      const done = (): void => signal?.removeEventListener('abort', abort)
      signal?.addEventListener('abort', abort, { once: true })
      const asked: Asked = {
        target,
        args: plain,
        abortable,
        resolve: (value) => {
          done()
          resolve(value)
        },
        reject: (error) => {
          done()
          reject(error)
        },
        posted: false,
      }
      this.#asked.set(id, asked)
      if (this.#led) this.#post(id, asked)
    })
  }

  /** There is no leader any more, as far as is known. */
  unled(): void {
    this.#led = false
  }

  /** There is a leader, or a new one. */
  led(): void {
    this.#led = true
    for (const [id, asked] of [...this.#asked]) {
      if (!asked.posted || isRepeatable(asked.target)) this.#post(id, asked)
      else this.#lost(id, asked)
    }
  }

  /** This tab leads now. */
  handOver(call: Call): void {
    for (const [id, asked] of [...this.#asked]) {
      this.#asked.delete(id)
      if (asked.posted && !isRepeatable(asked.target)) this.#lost(id, asked)
      else call(asked.target, asked.args).then(asked.resolve, asked.reject)
    }
  }

  answered({ id, value, failure }: Extract<TabMessage, { type: 'answer' }>): void {
    const asked = this.#asked.get(id)
    if (!asked) return
    this.#asked.delete(id)
    if (failure) asked.reject(fromFailure(failure))
    else asked.resolve(value)
  }

  #post(id: string, asked: Asked): void {
    asked.posted = true
    const { target, args, abortable } = asked
    this.#channel.post({ type: 'call', id, target, args, abortable })
  }

  #lost(id: string, asked: Asked): void {
    this.#asked.delete(id)
    asked.reject(new OfflineError('The tab that was asked has gone; whether it was done is not known.'))
  }
}

/** A send that has its name before it leaves this tab can be asked for twice, and is sent once. */
export function withName(target: CallTarget, args: unknown[], newId: () => string): unknown[] {
  if (target.on !== 'conversation' || target.method !== 'send') return args
  const [content, options] = args
  return [content, { clientMessageId: newId(), ...(options as object | undefined) }]
}

/** Signals do not travel between tabs. */
function withoutSignal(args: unknown[]): { plain: unknown[]; signal?: AbortSignal; abortable?: number } {
  const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null && 'signal' in arg)
  if (at < 0) return { plain: args }
  const { signal, ...rest } = args[at] as { signal?: AbortSignal }
  return { plain: args.with(at, rest), ...(signal && { signal, abortable: at }) }
}
