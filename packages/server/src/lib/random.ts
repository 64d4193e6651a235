import { randomBytes } from 'node:crypto'

/** Where every random number of the server comes from. */
export interface Random {
  bytes(length: number): Uint8Array
  /** Uniform in [0, 1). Not for secrets. */
  float(): number
}

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  float: () => Math.random(),
}

/** `bits/8` random bytes as base64url: a token, a ticket, an epoch. */
export function randomToken(random: Random, bytes: number): string {
  return Buffer.from(random.bytes(bytes)).toString('base64url')
}
