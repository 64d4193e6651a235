import { MessageChannel, type Transferable, Worker } from 'node:worker_threads'
import type { Clock } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import { copyPages } from './connection.ts'
import type { SqliteDatabase, SqlValue, Statement, StatementResult, WriteOutcome } from './database.ts'
import type {
  AppendAnswer,
  AppendJob,
  FromReader,
  FromWriter,
  IndexJob,
  Job,
  JobAnswer,
  PutAnswer,
  ReadRequest,
} from './jobs.ts'
import { QueueJournal } from './queue-journal.ts'

export interface SqliteOptions {
  file: string
  clock: Clock
  /** Milliseconds that a write waits for others before they are flushed together. */
  gather: number
  /** Pages of the write-ahead log from which on it is copied to the data file. */
  copyPages?: number
  /** Named points at which the store thread kills the process, for tests of promises. */
  crashAt?: Record<string, number>
  /** Called when the outcome of a flush is not known: the process must end at once, never try again. */
  onBroken(reason: string): void
  /** Called when the disk refuses writes (`refused`) and when it takes them again. */
  onRefused?(reason: string | undefined): void
}

interface Waiting {
  job: Job
  resolve(answer: JobAnswer): void
  reject(error: Error): void
}

interface WaitingRead {
  resolve(rows: unknown[][]): void
  reject(error: Error): void
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
  /** Queue rows that the reading thread does not find yet. */
  readonly journal = new QueueJournal()
  #options
  #writer: Worker
  #reader: Worker
  #checkpointer: Worker
  #waiting: Waiting[] = []
  #inFlight: Waiting[] | undefined
  #gathering = false
  #broken = false
  /** Told when nothing waits and nothing is under way. */
  #idle: (() => void)[] = []
  /** Writes that came while nothing may be written. */
  #held: Waiting[] | undefined
  #abandoned = false
  #reads = new Map<number, WaitingRead>()
  #nextRead = 0
  #requests: { ids: number[]; requests: ReadRequest[][] } = { ids: [], requests: [] }

  private constructor(options: SqliteOptions, [writer, reader, checkpointer]: [Worker, Worker, Worker]) {
    this.#options = options
    this.#writer = writer
    this.#reader = reader
    this.#checkpointer = checkpointer
    writer.on('message', (message: FromWriter) => this.#onWriter(message))
    reader.on('message', (message: FromReader) => this.#onReader(message))
    for (const thread of [writer, reader, checkpointer])
      thread.on('error', (error: Error) => this.#break(`a store thread ended: ${error.message}`))
  }

  /** @throws when the file cannot be opened, or was written by a later release. */
  static async open(options: SqliteOptions): Promise<SqliteStore> {
    const { file, crashAt = {} } = options
    const { port1, port2 } = new MessageChannel()
    const pages = options.copyPages ?? copyPages
    const writing = { file, crashAt, copyPages: pages, checkpointer: port1 }
    const writer = await startThread('writer-thread', writing, [port1])
    const [reader, checkpointer] = await Promise.all([
      startThread('reader-thread', { file }),
      startThread('checkpoint-thread', { file, writer: port2 }, [port2]),
    ])
    return new SqliteStore(options, [writer, reader, checkpointer])
  }

  append(job: AppendJob): Promise<AppendAnswer> {
    return this.#enqueue(job) as Promise<AppendAnswer>
  }

  /** @returns positions in order of rows. `statements` are stored with them, in one step. */
  putTogether(rows: [user: string, body: string][], statements: readonly Statement[]): Promise<PutAnswer> {
    return this.#enqueue({ type: 'put', rows, statements }) as Promise<PutAnswer>
  }

  /** As `putTogether`, for statements that nothing can refuse. */
  async put(rows: [user: string, body: string][], statements: readonly Statement[] = []): Promise<number[]> {
    const answer = await this.putTogether(rows, statements)
    if (!Array.isArray(answer)) throw refusedBy(statements, answer.failed)
    return answer
  }

  async index(job: IndexJob): Promise<void> {
    await this.#enqueue(job)
  }

  write(statements: readonly Statement[]): Promise<WriteOutcome> {
    return this.#enqueue({ type: 'write', statements }) as Promise<WriteOutcome>
  }

  /** As `write`, for statements that nothing can refuse. */
  async store(statements: readonly Statement[]): Promise<StatementResult[]> {
    const outcome = await this.write(statements)
    if (!outcome.stored) throw refusedBy(statements, outcome.failed)
    return outcome.results
  }

  async read<Row>(sql: string, params: readonly SqlValue[]): Promise<Row[]> {
    const [rows] = await this.#request([{ sql, params, raw: false }])
    return rows as Row[]
  }

  /** As `read`, rows as arrays of columns: cheaper to hand between threads. */
  async readRaw<Row extends unknown[]>(sql: string, params: readonly SqlValue[]): Promise<Row[]> {
    const [rows] = await this.#request([{ sql, params, raw: true }])
    return rows as Row[]
  }

  /** Several queries on one state of the data. */
  readTogether(queries: readonly { sql: string; params: readonly SqlValue[] }[]): Promise<unknown[][]> {
    return this.#request(queries.map((query) => ({ ...query, raw: true })))
  }

  /** Resolves when all writes before are stored; those that come from now on wait for `thaw`. Reads go on. */
  async freeze(): Promise<void> {
    this.#held ??= []
    await this.#settled()
  }

  /** What waited is written now. */
  thaw(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#waiting.push(...held)
    if (!this.#gathering) this.#commit()
  }

  /** Nothing is written any more: what was held back is refused, and so is what comes. */
  abandon(): void {
    this.#abandoned = true
    for (const waiting of this.#held?.splice(0) ?? []) waiting.reject(unavailableStore())
  }

  /** Waits for what is under way, then ends the threads. What was held back is not written. */
  async close(): Promise<void> {
    this.abandon()
    await this.#settled()
    await Promise.all([this.#writer, this.#reader, this.#checkpointer].map((thread) => thread.terminate()))
  }

  async #settled(): Promise<void> {
    if (this.#broken || (this.#waiting.length === 0 && !this.#inFlight)) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #enqueue(job: Job): Promise<JobAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#broken || this.#abandoned) return reject(unavailableStore())
      if (this.#held) {
        this.#held.push({ job, resolve, reject })
        return
      }
      this.#waiting.push({ job, resolve, reject })
      if (this.#inFlight || this.#gathering) return
      this.#gathering = true
      this.#options.clock.after(this.#options.gather, () => {
        this.#gathering = false
        this.#commit()
      })
    })
  }

  #commit(): void {
    if (this.#inFlight || this.#waiting.length === 0 || this.#broken) return
    this.#inFlight = this.#waiting
    this.#waiting = []
    const jobs = this.#inFlight.map((waiting) => waiting.job)
    this.#writer.postMessage({ type: 'commit', now: this.#options.clock.now(), jobs })
  }

  #onWriter(message: FromWriter): void {
    const done = this.#inFlight ?? []
    switch (message.type) {
      case 'ready':
        return
      case 'committed':
        this.#inFlight = undefined
        this.#options.onRefused?.(undefined)
        this.journal.committed(
          done.map((waiting) => waiting.job),
          message.answers,
          message.moved,
        )
        for (let i = 0; i < done.length; i++) (done[i] as Waiting).resolve(message.answers[i] as JobAnswer)
        break
      case 'refused':
        this.#inFlight = undefined
        this.#options.onRefused?.(message.code)
        for (const waiting of done) waiting.reject(unavailableStore(message.message))
        break
      case 'broken':
        return this.#break(`${message.code}: ${message.message}`)
    }
    this.#commit()
    if (!this.#inFlight) this.#tellIdle()
  }

  #break(reason: string): void {
    if (this.#broken) return
    this.#broken = true
    const all = [...(this.#inFlight ?? []), ...this.#waiting, ...(this.#held ?? [])]
    for (const waiting of all) waiting.reject(unavailableStore(reason))
    for (const read of this.#reads.values()) read.reject(unavailableStore(reason))
    this.#tellIdle()
    this.#options.onBroken(reason)
  }

  #tellIdle(): void {
    for (const tell of this.#idle.splice(0)) tell()
  }

  #request(requests: ReadRequest[]): Promise<unknown[][]> {
    return new Promise((resolve, reject) => {
      if (this.#broken) return reject(unavailableStore())
      const id = this.#nextRead++
      this.#reads.set(id, { resolve, reject })
      if (this.#requests.ids.length === 0) {
        // Queries of one turn travel together.
        queueTurn(() => {
          const batch = this.#requests
          this.#requests = { ids: [], requests: [] }
          this.#reader.postMessage(batch)
        })
      }
      this.#requests.ids.push(id)
      this.#requests.requests.push(requests)
    })
  }

  #onReader(message: FromReader): void {
    if (message.type !== 'rows') return
    for (let i = 0; i < message.ids.length; i++) {
      const id = message.ids[i] as number
      const waiting = this.#reads.get(id)
      this.#reads.delete(id)
      const answer = message.answers[i] as (typeof message.answers)[number]
      if ('rows' in answer) waiting?.resolve(answer.rows)
      else waiting?.reject(new Error(answer.error))
    }
  }
}

const queueTurn = (run: () => void): void => {
  Promise.resolve().then(run)
}

const refusedBy = (statements: readonly Statement[], failed: number): Error =>
  new Error(`the store refused: ${statements[failed]?.sql}`)

const unavailableStore = (reason?: string): AppError =>
  new AppError('unavailable', 'The store does not take writes at the moment.', { retryAfter: 1000, cause: reason })
