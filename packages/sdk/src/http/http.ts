import { type ErrorCode, errorStatus, type Problem } from '@parley/protocol'
import type { Clock, Fetch, FetchAnswer } from '../lib/environment.ts'
import { OfflineError, ParleyError } from '../lib/errors.ts'
import type { Addresses } from './addresses.ts'

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Record<string, string | number | undefined>
  body?: object
  /** Instead of the logged-in device's; null for none. */
  token?: string | null
  signal?: AbortSignal | undefined
  /** Milliseconds until the answer must be there. */
  timeout?: number | undefined
  /** The one address to ask; without it the one that is good at present. */
  address?: string | undefined
}

const defaultTimeout = 20_000

/** Calls of the HTTP API (protocol, "HTTP"). Rejects with `ParleyError`, `OfflineError`, or the signal's reason. */
export class Http {
  readonly #addresses
  readonly #fetch
  readonly #clock
  readonly #token

  constructor(deps: { addresses: Addresses; fetch: Fetch; clock: Clock; token: () => string | undefined }) {
    this.#addresses = deps.addresses
    this.#fetch = deps.fetch
    this.#clock = deps.clock
    this.#token = deps.token
  }

  /** A call that changes nothing, or that never left, is tried at every address before it fails. */
  async call<T>(call: Call): Promise<T> {
    for (let tries = call.address === undefined ? this.#addresses.count : 1; ; tries--) {
      const address = call.address ?? this.#addresses.current
      try {
        return await this.#callAt<T>(address, call)
      } catch (error) {
        if (!(error instanceof OfflineError)) throw error
        this.#addresses.failed(address)
        if (tries <= 1 || (call.method !== 'GET' && !neverLeft(error))) throw error
      }
    }
  }

  async #callAt<T>(address: string, call: Call): Promise<T> {
    const { method, path, query, body, signal, timeout = defaultTimeout } = call
    signal?.throwIfAborted()
    const token = call.token === undefined ? this.#token() : call.token
    const headers: Record<string, string> = { accept: 'application/json' }
    if (token) headers.authorization = `Bearer ${token}`
    if (body) headers['content-type'] = 'application/json'
    const controller = new AbortController()
    const abort = (): void => controller.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const timer = this.#clock.after(timeout, () =>
      controller.abort(new OfflineError('The server did not answer in time.')),
    )
    try {
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }), signal: controller.signal }
      const answer = await this.#fetch(`${address}${path}${queryString(query)}`, init)
      const text = await answer.text()
      if (answer.status >= 200 && answer.status < 300) return (text === '' ? undefined : JSON.parse(text)) as T
      throw problem(answer, text)
    } catch (error) {
      if (error instanceof ParleyError) throw error
      signal?.throwIfAborted()
      throw error instanceof OfflineError ? error : new OfflineError('The server cannot be reached.', { cause: error })
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', abort)
    }
  }
}

/** What Node says when there was no connection, so that nothing was asked. Browsers do not tell. */
const noConnection = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

function neverLeft({ cause }: OfflineError): boolean {
  const reason = cause instanceof Error ? cause.cause : undefined
  return reason instanceof Error && 'code' in reason && noConnection.has(String(reason.code))
}

function queryString(query: Call['query']): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  if (given.length === 0) return ''
  return `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`
}

/** The error of an answer. What a proxy between says without a code is known by its status. */
function problem({ status, headers }: FetchAnswer, text: string): ParleyError {
  const parsed = parse(text)
  const code = parsed.code ?? codeOf(status)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const retryAfter = parsed.retryAfter ?? (Number.isFinite(seconds) ? seconds * 1000 : undefined)
  return new ParleyError(code, parsed.detail ?? `The server answered ${status}.`, {
    ...(parsed.field !== undefined && { field: parsed.field }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}

function parse(text: string): Partial<Problem> {
  try {
    const value = JSON.parse(text) as Partial<Problem> | null
    if (typeof value?.code === 'string' && value.code in errorStatus) return value
  } catch {
    // Not one of ours.
  }
  return {}
}

function codeOf(status: number): ErrorCode {
  const known = (Object.keys(errorStatus) as ErrorCode[]).find((code) => errorStatus[code] === status)
  return known ?? (status >= 500 || status === 408 ? 'unavailable' : 'invalid')
}
