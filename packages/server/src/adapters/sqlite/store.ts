import { MessageChannel, type Transferable, Worker } from 'node:worker_threads'
import type { Clock } from '../../lib/clock.ts'
import { Rest } from '../../lib/rest.ts'
import type { FlatAnswers } from './commit-wire.ts'
import { Commits } from './commits.ts'
import type { SqliteDatabase, SqlValue, Statement, StatementResult, WriteOutcome } from './database.ts'
import type { AppendAnswer, AppendJob, FromReader, IndexJob, MessagesJob, PutAnswer, WriterTrouble } from './jobs.ts'
import { copyPages, type JournalLimits, usualJournal } from './limits.ts'
import { Reads } from './reads.ts'
import { Recent } from './recent.ts'

export interface SqliteOptions {
  file: string
  clock: Clock
  /** Milliseconds between the beginnings of two commits at least: what comes in between is flushed together. */
  gather: number
  /** When messages and rows of queues move from the journal to their tables. */
  journal?: JournalLimits
  /** Pages of the write-ahead log from which on it is copied to the data file. */
  copyPages?: number
  /** Named points at which the store thread kills the process, for tests of promises. */
  crashAt?: Record<string, number>
  /** Called when the outcome of a flush is not known: the process must end at once, never try again. */
  onBroken(reason: string): void
  /** Called when the disk refuses writes (`refused`) and when it takes them again. */
  onRefused?(reason: string | undefined): void
}

function startThread(name: string, workerData: object, transferList: Transferable[] = []): Promise<Worker> {
  // Sources run as they are (.ts); a packed release has been compiled (.js).
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./${name}.${extension}`, import.meta.url), { workerData, transferList })
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', () => {
      worker.off('error', reject)
      resolve(worker)
    })
  })
}

/** The data file with its three threads. See `SqliteDatabase` for what it promises. */
export class SqliteStore implements SqliteDatabase {
  /** What the reading thread does not find yet. */
  readonly recent = new Recent()
  readonly #options
  readonly #threads
  readonly #reads: Reads
  readonly #commits: Commits
  #isBroken = false

  private constructor(
    options: SqliteOptions,
    threads: [writer: Worker, reader: Worker, checkpointer: Worker],
    rest: Rest,
  ) {
    const [writer, reader] = threads
    const { clock, gather } = options
    const { recent } = this
    this.#options = options
    this.#threads = threads
    this.#reads = new Reads((requests) => reader.postMessage(requests), clock)
    this.#commits = new Commits({ post: (commit) => writer.postMessage(commit), clock, gather, recent, rest })
    writer.on('message', (message: FlatAnswers | WriterTrouble) => this.#onWriter(message))
    reader.on('message', (message: FromReader) => {
      if (message.type === 'rows') this.#reads.answered(message)
    })
    for (const thread of threads)
      thread.on('error', (error: Error) => this.#break(`a store thread ended: ${error.message}`))
  }

  /** @throws when the file cannot be opened, or was written by a later release. */
  static async open(options: SqliteOptions): Promise<SqliteStore> {
    const { file, crashAt = {} } = options
    const { port1, port2 } = new MessageChannel()
    const rest = new Rest()
    const pages = options.copyPages ?? copyPages
    const writing = {
      file,
      crashAt,
      copyPages: pages,
      limits: options.journal ?? usualJournal,
      checkpointer: port1,
      done: rest.cell,
    }
    const writer = await startThread('writer-thread', writing, [port1])
    const [reader, checkpointer] = await Promise.all([
      startThread('reader-thread', { file }),
      startThread('checkpoint-thread', { file, writer: port2 }, [port2]),
    ])
    return new SqliteStore(options, [writer, reader, checkpointer], rest)
  }

  append(job: AppendJob | MessagesJob): Promise<AppendAnswer> {
    return this.#commits.add(job) as Promise<AppendAnswer>
  }

  /** @returns positions in order of rows. `statements` are stored with them, in one step. */
  putTogether(rows: [user: string, body: string][], statements: readonly Statement[]): Promise<PutAnswer> {
    return this.#commits.add({ type: 'put', rows, statements }) as Promise<PutAnswer>
  }

  /** As `putTogether`, for statements that nothing can refuse. */
  async put(rows: [user: string, body: string][], statements: readonly Statement[] = []): Promise<number[]> {
    const answer = await this.putTogether(rows, statements)
    if (!Array.isArray(answer)) throw refusedBy(statements, answer.failed)
    return answer
  }

  async index(job: IndexJob): Promise<void> {
    await this.#commits.add(job)
  }

  write(statements: readonly Statement[]): Promise<WriteOutcome> {
    return this.#commits.add({ type: 'write', statements }) as Promise<WriteOutcome>
  }

  /** As `write`, for statements that nothing can refuse. */
  async store(statements: readonly Statement[]): Promise<StatementResult[]> {
    const outcome = await this.write(statements)
    if (!outcome.stored) throw refusedBy(statements, outcome.failed)
    return outcome.results
  }

  async read<Row>(sql: string, params: readonly SqlValue[]): Promise<Row[]> {
    const [rows] = await this.#reads.request([{ sql, params, raw: false }])
    return rows as Row[]
  }

  /** As `read`, rows as arrays of columns: cheaper to hand between threads. */
  async readRaw<Row extends unknown[]>(sql: string, params: readonly SqlValue[]): Promise<Row[]> {
    const [rows] = await this.#reads.request([{ sql, params, raw: true }])
    return rows as Row[]
  }

  /** Several queries on one state of the data. */
  readTogether(queries: readonly { sql: string; params: readonly SqlValue[] }[]): Promise<unknown[][]> {
    return this.#reads.request(queries.map((query) => ({ ...query, raw: true })))
  }

  /** While another process reads along, it finds every message in its table as soon as it is stored. */
  async writeThrough(on: boolean): Promise<void> {
    await this.#commits.add({ type: 'write-through', on })
  }

  /** See `Commits`: when the next commit is about to begin. */
  moment(): Promise<void> | undefined {
    return this.#commits.moment()
  }

  /** See `Commits`: the end of a turn of the event loop that did so much with sockets. */
  rest(done: number): void {
    this.#commits.rest(this.#reads.isUnderWay ? Number.POSITIVE_INFINITY : done)
  }

  /** Resolves when all writes before are stored; those that come from now on wait for `thaw`. Reads go on. */
  freeze(): Promise<void> {
    return this.#commits.freeze()
  }

  /** What waited is written now. */
  thaw(): void {
    this.#commits.thaw()
  }

  /** Nothing is written any more: what was held back is refused, and so is what comes. */
  abandon(): void {
    this.#commits.abandon()
  }

  /** Waits for what is under way, then ends the threads. What was held back is not written. */
  async close(): Promise<void> {
    this.#commits.abandon()
    await this.#commits.settled()
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  #onWriter(message: FlatAnswers | WriterTrouble): void {
    if (Array.isArray(message)) {
      this.#options.onRefused?.(undefined)
      this.#commits.committed(message)
    } else if (message.type === 'refused') {
      this.#options.onRefused?.(message.code)
      this.#commits.refused(message)
    } else this.#break(`${message.code}: ${message.message}`)
  }

  #break(reason: string): void {
    if (this.#isBroken) return
    this.#isBroken = true
    this.#commits.break(reason)
    this.#reads.break(reason)
    this.#options.onBroken(reason)
  }
}

const refusedBy = (statements: readonly Statement[], failed: number): Error =>
  new Error(`the store refused: ${statements[failed]?.sql}`)
