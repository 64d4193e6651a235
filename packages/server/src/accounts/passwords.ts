import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { unavailable } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'

/** Turns passwords into what is stored, and checks them. */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** The same time for a wrong password and for no stored one. */
  verify(password: string, stored: string | undefined): Promise<boolean>
}

const derive = promisify(argon2)
/** OWASP's choice for argon2id: 19 MiB, two passes, one lane. */
const cost = { memory: 19 * 1024, passes: 2, parallelism: 1, tagLength: 32 }
const atOnce = 2
const waitingAllowed = 200

/** argon2id, stored as a PHC string. A few at once: hashing must not starve the rest. */
export class Argon2Hasher implements PasswordHasher {
  readonly #random
  #running = 0
  #waiting: (() => void)[] = []

  constructor(random: Random) {
    this.#random = random
  }

  async hash(password: string): Promise<string> {
    const salt = this.#random.bytes(16)
    const tag = await this.#derive(password, salt)
    return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${encode(salt)}$${encode(tag)}`
  }

  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const [, , , , salt = '', tag = ''] = (stored ?? '').split('$')
    const derived = await this.#derive(
      password,
      stored === undefined ? new Uint8Array(16) : Buffer.from(salt, 'base64'),
    )
    const expected = Buffer.from(tag, 'base64')
    return stored !== undefined && expected.length === derived.length && timingSafeEqual(expected, derived)
  }

  async #derive(password: string, salt: Uint8Array): Promise<Buffer> {
    if (this.#waiting.length >= waitingAllowed) throw unavailable('Too many log-ins at once.')
    if (this.#running >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running++
    try {
      return await derive('argon2id', { message: password, nonce: salt, ...cost })
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')
