import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { wake } from '../../lib/rest.ts'
import { AppendJobs } from './append-job.ts'
import { Checkpoints, type FromCheckpointer } from './checkpoints.ts'
import { decodeCommit, encodeAnswers, type FlatAnswers, type FlatCommit, type FlatMessages } from './commit-wire.ts'
import { isRefusal, openForWriting } from './connection.ts'
import type { Statement, StatementResult, WriteOutcome } from './database.ts'
import { Documents } from './documents.ts'
import { Heads } from './heads.ts'
import type { Job, JobAnswer, MessagesJob, WriterTrouble } from './jobs.ts'
import { Journal } from './journal.ts'
import type { JournalLimits } from './limits.ts'
import { MessageJobs } from './message-job.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { Names } from './names.ts'

/** The store thread: one transaction per group of jobs that waited together, flushed before it answers. */
const port = parentPort
if (!port) throw new Error('runs as a worker only')
const { file, crashAt, checkpointer, copyPages, limits, done } = workerData as {
  file: string
  crashAt: Record<string, number>
  checkpointer: MessagePort
  copyPages: number
  limits: JournalLimits
  /** Woken when a commit is answered. */
  done: Int32Array
}
const database = openForWriting(file, copyPages)
migrate(database, migrations)

const names = new Names(database)
const heads = new Heads(database)
const journal = new Journal(database, heads, limits)
const appends = new AppendJobs(database, names, heads, journal)
const messages = new MessageJobs(names, heads, journal)
const documents = new Documents(database, names)
/** Another process reads along: it is to find every message in its table. */
let isWatched = database.prepare(`SELECT 1 FROM marks WHERE name = 'watch'`).get() !== undefined
const update = { conversation: null, first: null, last: null, fields: null }
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

function run(job: FlatMessages | Exclude<Job, MessagesJob>, seconds: number): JobAnswer {
  switch (job.type) {
    case 'messages': {
      const answer = messages.run(job, seconds)
      if (isWatched) journal.settle(names.ref(job.conversation))
      return answer
    }
    case 'append': {
      const answer = appends.run(job, seconds)
      if (answer.status === 'appended' && job.projection) write(job.projection)
      return answer
    }
    case 'put': {
      const outcome = write(job.statements)
      if (!outcome.stored) return outcome
      return job.rows.flatMap(([user, body]) => journal.place({ ...update, users: [names.ref(user)], body, seconds }))
    }
    case 'index':
      documents.run(job)
      return []
    case 'write':
      return write(job.statements)
    case 'write-through':
      isWatched = job.on
      journal.moveAll()
      return []
  }
}

function rollback(): void {
  if (database.inTransaction) database.exec('ROLLBACK')
  names.forget()
  journal.reload()
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

function answer(message: FlatAnswers | WriterTrouble | 'ready'): void {
  port?.postMessage(message)
  wake(done)
}

port.on('message', (flat: FlatCommit) => {
  const { now, jobs } = decodeCommit(flat)
  const seconds = Math.floor(now / 1000)
  try {
    begin.run()
    const answers = jobs.map((job) => run(job, seconds))
    const moved = journal.commit(seconds)
    crashPoint('before-commit')
    commit.run()
    crashPoint('after-commit')
    answer(encodeAnswers(jobs, answers, moved))
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
journal.moveAll()
commit.run()
answer('ready')
