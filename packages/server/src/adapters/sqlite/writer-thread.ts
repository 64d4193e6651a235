import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { AppendJobs } from './append-job.ts'
import { Checkpoints, type FromCheckpointer } from './checkpoints.ts'
import { isRefusal, openForWriting } from './connection.ts'
import type { Statement, StatementResult, WriteOutcome } from './database.ts'
import { Documents } from './documents.ts'
import type { FromWriter, Job, JobAnswer, ToWriter } from './jobs.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { Names } from './names.ts'
import { QueueRows } from './queue-rows.ts'

/** The store thread: one transaction per group of jobs that waited together, flushed before it answers. */
const port = parentPort
if (!port) throw new Error('runs as a worker only')
const { file, crashAt, checkpointer, copyPages } = workerData as {
  file: string
  crashAt: Record<string, number>
  checkpointer: MessagePort
  copyPages: number
}
const database = openForWriting(file, copyPages)
migrate(database, migrations)

const names = new Names(database)
const queue = new QueueRows(database)
const appends = new AppendJobs(database, names, queue)
const documents = new Documents(database, names)
const checkpoints = new Checkpoints(database, copyPages, (message) => checkpointer.postMessage(message))
const prepared = new Map<
  string,
  { run(...params: unknown[]): { changes: number }; all(...params: unknown[]): unknown[]; reader: boolean }
>()
const begin = database.prepare('BEGIN IMMEDIATE')
const commit = database.prepare('COMMIT')
const savepoint = database.prepare('SAVEPOINT job')
const release = database.prepare('RELEASE job')
const undo = database.prepare('ROLLBACK TO job')

function prepare(sql: string) {
  let statement = prepared.get(sql)
  if (!statement) {
    statement = database.prepare(sql)
    prepared.set(sql, statement)
  }
  return statement
}

function runStatement({ sql, params }: Statement): StatementResult {
  const statement = prepare(sql)
  if (!statement.reader) return { changes: statement.run(...params).changes, rows: [] }
  const rows = statement.all(...params)
  return { changes: rows.length, rows }
}

function undoJob(failed: number): WriteOutcome {
  undo.run()
  release.run()
  return { stored: false, failed }
}

function write(statements: readonly Statement[]): WriteOutcome {
  savepoint.run()
  const results: StatementResult[] = []
  for (const [index, statement] of statements.entries()) {
    try {
      const result = runStatement(statement)
      if (statement.expect !== undefined && result.changes !== statement.expect) return undoJob(index)
      results.push(result)
    } catch (error) {
      if (!String((error as { code?: string }).code).startsWith('SQLITE_CONSTRAINT')) throw error
      return undoJob(index)
    }
  }
  release.run()
  return { stored: true, results }
}

function run(job: Job, seconds: number): JobAnswer {
  switch (job.type) {
    case 'append': {
      const answer = appends.run(job, seconds)
      if (answer.status === 'appended' && job.projection) write(job.projection)
      return answer
    }
    case 'put': {
      const outcome = write(job.statements)
      if (!outcome.stored) return outcome
      return job.rows.flatMap(([user, body]) =>
        queue.place([names.ref(user)], { conversation: null, first: null, last: null, body, seconds }),
      )
    }
    case 'index':
      documents.run(job)
      return []
    case 'write':
      return write(job.statements)
  }
}

function rollback(): void {
  if (database.inTransaction) database.exec('ROLLBACK')
  names.forget()
  queue.reload()
  appends.forget()
}

/** Dies here the n-th time it passes, as a power cut would; for tests of promises. */
function crashPoint(name: string): void {
  const left = crashAt[name]
  if (left === undefined) return
  crashAt[name] = left - 1
  if (left === 1) process.kill(process.pid, 'SIGKILL')
}

function reasonOf(error: unknown): { code: string; message: string } {
  const { code = 'UNKNOWN', message } = error as { code?: string; message: string }
  return { code, message }
}

function answer(message: FromWriter): void {
  port?.postMessage(message)
}

port.on('message', ({ now, jobs }: ToWriter) => {
  const seconds = Math.floor(now / 1000)
  try {
    begin.run()
    const answers = jobs.map((job) => run(job, seconds))
    const moved = queue.moveSome(seconds)
    crashPoint('before-commit')
    commit.run()
    crashPoint('after-commit')
    answer({ type: 'committed', answers, moved })
  } catch (error) {
    const { code, message } = reasonOf(error)
    if (!isRefusal(code)) return answer({ type: 'broken', code, message })
    rollback()
    return answer({ type: 'refused', code, message })
  }
  checkpoints.committed()
})

checkpointer.on('message', (copying: FromCheckpointer) => {
  if (copying.type === 'broken') return answer(copying)
  if (copying.type === 'refused') return checkpoints.refused()
  try {
    checkpoints.copied()
  } catch (error) {
    const { code, message } = reasonOf(error)
    if (!isRefusal(code)) return answer({ type: 'broken', code, message })
    checkpoints.refused()
  }
})

// What a crash left in the journal goes to its place before anybody reads.
begin.run()
queue.moveAll()
commit.run()
answer({ type: 'ready' })
