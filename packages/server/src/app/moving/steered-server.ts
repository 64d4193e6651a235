import { request as requestHttp } from 'node:http'
import type { ErrorCode } from '@parley/protocol'
import { AppError, unavailable } from '../../lib/errors.ts'
import type { Departure, MovedServer } from '../../migration/moved-server.ts'
import { type ControlRequest, controlAddressOf } from './control.ts'

/** ms. Watching may wait for a disk; a freeze for what is under way. */
const patience = 15_000

/** A server in another process, steered through its control port. It may be another one after a restart. */
export class SteeredServer implements MovedServer {
  readonly #folder

  constructor(folder: string) {
    this.#folder = folder
  }

  async watch(name: string): Promise<void> {
    await this.#ask('watch', { name })
  }

  async unwatch(): Promise<void> {
    await this.#ask('unwatch', {})
  }

  async forget(upTo: number): Promise<void> {
    await this.#ask('forget', { upTo })
  }

  freeze(ms: number): Promise<string> {
    return this.#ask('freeze', { ms }) as Promise<string>
  }

  async thaw(): Promise<void> {
    await this.#ask('thaw', {})
  }

  async leave(freeze: string, departure: Departure): Promise<void> {
    await this.#ask('leave', { freeze, departure })
  }

  status(): Promise<string> {
    return this.#ask('status', {}) as Promise<string>
  }

  /** @throws AppError: what the server says, or `unavailable` when it does not answer */
  async #ask<Name extends keyof ControlRequest>(name: Name, body: ControlRequest[Name]): Promise<unknown> {
    const address = controlAddressOf(this.#folder)
    if (!address) throw unavailable('The server cannot be steered: it does not run, or is of an earlier release.')
    const { status, text } = await post(`${address.url}/${name}`, address.secret, JSON.stringify(body))
    const answer = (text === '' ? {} : JSON.parse(text)) as { result?: unknown; code?: ErrorCode; message?: string }
    if (status === 200) return answer.result
    throw new AppError(answer.code ?? 'internal', answer.message ?? `The server answered ${status}.`)
  }
}

function post(url: string, secret: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
    const request = requestHttp(url, { method: 'POST', headers, timeout: patience, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('it did not answer in time')))
    request.on('error', (error) => reject(unavailable('The server does not answer.', error)))
    request.end(body)
  })
}
