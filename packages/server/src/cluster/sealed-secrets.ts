import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Random } from '../lib/random.ts'
import type { SecretStore } from './secret-store.ts'

/** First byte of what is stored. */
const plain = 0
const sealed = 1
const nonceBytes = 12
const tagBytes = 16
/** Characters: what `openssl rand -base64 24` gives. A passphrase is no key: it would be guessed. */
export const shortestSecret = 32

/** A secret of the service cannot be read with what was given; the message says what to do. */
export class SealError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SealError'
  }
}

/**
 * Secrets as they lie in a store that others may read too (a backup, a replica): sealed with AES-256-GCM under a key
 * made from `secret` by HKDF, each bound to its name. Without `secret` they lie there as they are. Either all nodes
 * have the same `secret` or none has one.
 */
export class SealedSecrets implements SecretStore {
  readonly #store
  readonly #key: Uint8Array | undefined
  readonly #random

  /** @throws SealError when `secret` is too short */
  constructor(store: SecretStore, secret: string | undefined, random: Random) {
    if (secret !== undefined && secret.length < shortestSecret)
      throw new SealError(`PARLEY_SECRET has to have ${shortestSecret} characters: openssl rand -base64 32`)
    this.#store = store
    this.#key = secret === undefined ? undefined : deriveKey(secret)
    this.#random = random
  }

  /** @throws SealError when what is stored was sealed with another secret, or only one of both was sealed */
  async putIfAbsent(name: string, value: Uint8Array): Promise<Uint8Array> {
    return this.#open(name, await this.#store.putIfAbsent(name, this.#seal(name, value)))
  }

  #seal(name: string, value: Uint8Array): Uint8Array {
    if (!this.#key) return Buffer.concat([Uint8Array.of(plain), value])
    const nonce = this.#random.bytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name))
    const text = Buffer.concat([cipher.update(value), cipher.final()])
    return Buffer.concat([Uint8Array.of(sealed), nonce, cipher.getAuthTag(), text])
  }

  #open(name: string, stored: Uint8Array): Uint8Array {
    const rest = stored.subarray(1)
    switch (stored[0]) {
      case plain:
        if (this.#key)
          throw new SealError('The secrets of this service were stored without PARLEY_SECRET: start without it.')
        return Uint8Array.from(rest)
      case sealed:
        if (!this.#key)
          throw new SealError('The secrets of this service are sealed: set PARLEY_SECRET as on its other nodes.')
        return unseal(this.#key, name, rest)
      default:
        throw new SealError(`The secret "${name}" was stored by a later release.`)
    }
  }
}

function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'parley secrets of the service', 32))
}

function unseal(key: Uint8Array, name: string, bytes: Uint8Array): Uint8Array {
  const [nonce, tag, text] = [
    bytes.subarray(0, nonceBytes),
    bytes.subarray(nonceBytes, nonceBytes + tagBytes),
    bytes.subarray(nonceBytes + tagBytes),
  ]
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(name)).setAuthTag(tag)
    return new Uint8Array(Buffer.concat([decipher.update(text), decipher.final()]))
  } catch {
    throw new SealError('PARLEY_SECRET is not the one that the secrets of this service were sealed with.')
  }
}
