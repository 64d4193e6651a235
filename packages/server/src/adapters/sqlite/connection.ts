import Database from 'better-sqlite3'
import { copyPages } from './limits.ts'

export type Connection = Database.Database

/** Milliseconds that whoever writes waits for another process that does. */
export const busyTimeout = 5000

/**
 * Opens the data file for the one thread that writes. synchronous=FULL: a commit is on the disk when it returns.
 * Commits copy the log themselves only when it has become much longer than where the checkpoint thread begins.
 */
export function openForWriting(file: string, pages = copyPages): Connection {
  const database = new Database(file, { timeout: busyTimeout })
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma(`wal_autocheckpoint = ${3 * pages}`)
  database.pragma('journal_size_limit = 67108864')
  database.pragma('cache_size = -65536')
  database.pragma('foreign_keys = OFF')
  database.pragma('temp_store = MEMORY')
  return database
}

export function openForReading(file: string): Connection {
  const database = new Database(file, { readonly: true })
  database.pragma('cache_size = -65536')
  database.pragma('query_only = ON')
  return database
}

/** For checkpoints alone: they flush as the writer does, and need no pages in memory. */
export function openForCopying(file: string): Connection {
  const database = new Database(file)
  database.pragma('synchronous = FULL')
  database.pragma('cache_size = 0')
  return database
}

const refusals = /^SQLITE_(FULL|READONLY|IOERR_(WRITE|SHMSIZE|SHMMAP|GETTEMPPATH)|CANTOPEN|BUSY|NOMEM)/

/** Errors of a full or read-only disk: nothing was stored, and the file is as it was. */
export const isRefusal = (code: string): boolean => refusals.test(code)
