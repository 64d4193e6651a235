import type { Random } from './environment.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A new clientMessageId: 128 random bits and more, in the letters of rule D2. */
export function newMessageId(random: Random): string {
  return Array.from(random.bytes(22), (byte) => alphabet[byte & 63]).join('')
}
