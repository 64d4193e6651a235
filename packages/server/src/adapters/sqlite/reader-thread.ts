import { parentPort, workerData } from 'node:worker_threads'
import { openForReading } from './connection.ts'
import type { FromReader, ReadRequest, ToReader } from './jobs.ts'

/** The reading thread: answers queries on the newest committed state, never behind a flush. */
const port = parentPort
if (!port) throw new Error('runs as a worker only')
const database = openForReading((workerData as { file: string }).file)
const prepared = new Map<string, { all(...params: unknown[]): unknown[] }>()

/** SQLite plans anew for each value of a bare `LIMIT ?`, which takes it longer than most of our queries. */
const planOnce = (sql: string): string => sql.replaceAll('LIMIT ?', 'LIMIT ? + 0')

function all({ sql, params, raw }: ReadRequest): unknown[] {
  const key = raw ? `raw ${sql}` : sql
  let statement = prepared.get(key)
  if (!statement) {
    const fresh = database.prepare(planOnce(sql))
    statement = raw ? fresh.raw() : fresh
    prepared.set(key, statement)
  }
  return statement.all(...params)
}

const together = database.transaction((requests: ReadRequest[]) => requests.map(all))

function read(requests: ReadRequest[]): { rows: unknown[][] } | { error: string } {
  try {
    return { rows: requests.length === 1 ? [all(requests[0] as ReadRequest)] : together(requests) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

function answer(message: FromReader): void {
  port?.postMessage(message)
}

port.on('message', ({ ids, requests }: ToReader) => {
  answer({ type: 'rows', ids, answers: requests.map(read) })
})
answer({ type: 'ready' })
