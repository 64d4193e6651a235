import { hash } from 'node:crypto'

const mask = (1n << 128n) - 1n

/** A count and a hash of rows that do not depend on their order: what is on both sides alike has the same. */
export class Digest {
  rows = 0
  #sum = 0n

  add(row: unknown): void {
    this.rows++
    this.#sum = (this.#sum + BigInt(`0x${hash('sha256', textOf(row), 'hex').slice(0, 32)}`)) & mask
  }

  join(other: Digest): void {
    this.rows += other.rows
    this.#sum = (this.#sum + other.#sum) & mask
  }

  equals(other: Digest): boolean {
    return this.rows === other.rows && this.#sum === other.#sum
  }

  toString(): string {
    return this.#sum.toString(16).padStart(32, '0')
  }
}

/**
 * The same text for the same row: fields by name, maps as lists, absent ones left out; texts as any database keeps them
 * (without NUL and halves of surrogates).
 */
function textOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed()
    if (value instanceof Map) return [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
