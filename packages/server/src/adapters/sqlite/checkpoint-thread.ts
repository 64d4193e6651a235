import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { FromCheckpointer } from './checkpoints.ts'
import { isRefusal, openForCopying } from './connection.ts'

/** The checkpoint thread: copies the write-ahead log to the data file beside the writer, whenever the writer asks. */
const port = parentPort
if (!port) throw new Error('runs as a worker only')
const { file, writer } = workerData as { file: string; writer: MessagePort }
const database = openForCopying(file)
const copy = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
/** Each time what came during the copying before is left, which is ever less. */
const rounds = 3

function copyAll(): FromCheckpointer {
  try {
    for (let round = 0; round < rounds; round++) copy.get()
    return { type: 'copied' }
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as { code?: string; message: string }
    return isRefusal(code) ? { type: 'refused' } : { type: 'broken', code, message }
  }
}

writer.on('message', () => writer.postMessage(copyAll()))
port.postMessage({ type: 'ready' })
