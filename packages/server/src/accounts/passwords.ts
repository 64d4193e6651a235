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

interface Cost {
  /** KiB. */
  memory: number
  passes: number
  parallelism: number
}

const derive = promisify(argon2)
/** OWASP's choice for argon2id: 19 MiB, two passes, one lane. */
const standard: Cost = { memory: 19 * 1024, passes: 2, parallelism: 1 }
const tagLength = 32
const saltLength = 16
const atOnce = 2
const waitingAllowed = 200
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** argon2id, stored as a PHC string. A few at once: hashing must not starve the rest. */
export class Argon2Hasher implements PasswordHasher {
  readonly #random
  #running = 0
  #waiting: (() => void)[] = []

  constructor(random: Random) {
    this.#random = random
  }

  async hash(password: string): Promise<string> {
    const salt = this.#random.bytes(saltLength)
    const tag = await this.#derive(password, salt, standard, tagLength)
    const { memory, passes, parallelism } = standard
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(salt)}$${encode(tag)}`
  }

  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const known = stored === undefined ? undefined : parse(stored)
    // Without a stored one the same work is done for nothing.
    const { cost, salt, tag } = known ?? { cost: standard, salt: new Uint8Array(saltLength), tag: noTag }
    const derived = await this.#derive(password, salt, cost, tag.length)
    return timingSafeEqual(tag, derived) && known !== undefined
  }

  async #derive(password: string, nonce: Uint8Array, cost: Cost, length: number): Promise<Buffer> {
    await this.#enter()
    try {
      // The same letters are the same password, however the keyboard composes them.
      return await derive('argon2id', { message: password.normalize('NFC'), nonce, ...cost, tagLength: length })
    } finally {
      // The place goes to whoever waits longest; nobody who comes now may take it first.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < atOnce) {
      this.#running++
      return undefined
    }
    if (this.#waiting.length >= waitingAllowed) throw unavailable('Too many log-ins at once.')
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

const noTag = new Uint8Array(tagLength)

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

/** undefined: written by something else; nobody can log in with it. */
function parse(stored: string): { cost: Cost; salt: Uint8Array; tag: Uint8Array } | undefined {
  const [, memory, passes, parallelism, salt = '', tag = ''] = phc.exec(stored) ?? []
  if (memory === undefined) return undefined
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') }
}
