import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'

/** Milliseconds in which a challenge may be answered. */
const lifetime = 5000
const usedRemembered = 4096

/** What a proof is about: who opens a link to whom, and a fresh number of each. */
export interface LinkTerms {
  from: string
  to: string
  /** Of the one that dials. */
  nonce: string
  /** Of the one that is dialled. */
  challenge: string
}

/** Two nodes prove to each other that they know the secret of the service, without showing it. */
export class LinkProof {
  readonly #key
  readonly #clock
  readonly #random
  /** Challenges that were answered well, until they are too old: none is answered twice. */
  #used = new Map<string, number>()

  constructor(key: Uint8Array, clock: Clock, random: Random) {
    this.#key = key
    this.#clock = clock
    this.#random = random
  }

  nonce(): string {
    return Buffer.from(this.#random.bytes(24)).toString('base64url')
  }

  /** Kept nowhere, so that strangers cost nothing: it carries its time, sealed. */
  challenge(): string {
    const claims = `${this.nonce()}.${Math.round(this.#clock.monotonic())}`
    return `${claims}.${this.#seal(`challenge ${claims}`).toString('base64url')}`
  }

  of(side: 'dial' | 'accept', { from, to, nonce, challenge }: LinkTerms): string {
    return this.#seal([side, from, to, nonce, challenge].join('\n')).toString('base64url')
  }

  isProof(side: 'dial' | 'accept', terms: LinkTerms, proof: string): boolean {
    return equal(this.of(side, terms), proof)
  }

  /** True once for a challenge of ours that is fresh. */
  redeem(challenge: string): boolean {
    const [random = '', time = '', seal = ''] = challenge.split('.')
    const claims = `${random}.${time}`
    if (!equal(this.#seal(`challenge ${claims}`).toString('base64url'), seal)) return false
    const now = this.#clock.monotonic()
    for (const [old, at] of this.#used) if (now - at > lifetime) this.#used.delete(old)
    if (now - Number(time) > lifetime || this.#used.has(challenge) || this.#used.size >= usedRemembered) return false
    this.#used.set(challenge, now)
    return true
  }

  #seal(text: string): Buffer {
    return createHmac('sha256', this.#key).update(`parley node-link ${text}`).digest()
  }
}

function equal(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
