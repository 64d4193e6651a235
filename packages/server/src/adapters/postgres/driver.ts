import type pg from 'pg'

export type Driver = typeof pg
export type { Client, Pool, PoolClient } from 'pg'

/** The driver is installed only where PostgreSQL is used. @throws Error that names the package */
export async function loadDriver(): Promise<Driver> {
  try {
    return (await import('pg')).default
  } catch (error) {
    throw new Error('PostgreSQL needs the package pg: npm install pg', { cause: error })
  }
}

/** A statement that is prepared once per connection; `name` names it there. */
export interface Statement {
  name: string
  text: string
}

/** What a statement takes. A text with a NUL, which PostgreSQL does not store, is stored with U+FFFD in its place. */
export type SqlValue = string | number | boolean | Uint8Array | null | readonly string[] | readonly number[]

export function storable(value: SqlValue): SqlValue | Buffer {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value
  if (Array.isArray(value)) return (value as SqlValue[]).map(storable) as string[]
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length)
  return value
}

/** JSON that `jsonb` takes: no NUL, no half of a pair of surrogates. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '\ufffd').toWellFormed() : part,
  )
}
