import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import type { Identity } from './identity.ts'

const lifetime = 60_000

/** One-minute tickets for a chat server (`POST /v1/connect`), sealed with the installation's key. */
export class Tickets {
  readonly #key
  readonly #clock

  constructor(key: Uint8Array, clock: Clock) {
    this.#key = key
    this.#clock = clock
  }

  issue({ user, device }: Identity): { ticket: string; expiresAt: number } {
    const expiresAt = this.#clock.now() + lifetime
    const claims = Buffer.from(`${user} ${device} ${expiresAt}`).toString('base64url')
    return { ticket: `${claims}.${this.#seal(claims).toString('base64url')}`, expiresAt }
  }

  /** Whom a ticket was issued to; undefined when it is not ours or too old. */
  redeem(ticket: string): Identity | undefined {
    const [claims = '', seal = ''] = ticket.split('.')
    const given = Buffer.from(seal, 'base64url')
    const expected = this.#seal(claims)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    const [user = '', device = '', expiresAt = '0'] = Buffer.from(claims, 'base64url').toString().split(' ')
    return Number(expiresAt) > this.#clock.now() ? { user, device } : undefined
  }

  #seal(claims: string): Buffer {
    return createHmac('sha256', this.#key).update(`ticket ${claims}`).digest()
  }
}
