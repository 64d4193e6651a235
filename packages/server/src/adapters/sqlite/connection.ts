import Database from 'better-sqlite3'

export type Connection = Database.Database

/** Opens the data file for the one thread that writes. synchronous=FULL: a commit is on the disk when it returns. */
export function openForWriting(file: string): Connection {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('wal_autocheckpoint = 16000')
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
