import type { ConversationId } from '@parley/protocol'
import { type Clock, sleep, stopwatch } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import { Lru } from '../../lib/lru.ts'
import type { Random } from '../../lib/random.ts'
import type { AppendBatch, AppendOutcome, StoredSend } from '../../log/conversation-log.ts'
import { emptyHead } from '../../log/entry.ts'
import type { Buckets } from './buckets.ts'
import type { CassandraConnection, Decision } from './connection.ts'
import type { Row, Statement } from './cql.ts'
import type { LogHeads } from './log-heads.ts'
import { appendStatements, rowKinds, sendKeyOf, toHead, toSend } from './log-rows.ts'
import { SendCopies } from './send-copies.ts'
import type { Sends } from './sends.ts'

type Refusal = Exclude<AppendOutcome, { status: 'appended' }>

/** ms. A write whose outcome is not known is repeated for so long before it is given up, after such pauses. */
const patience = { unknown: 3_000, pause: 20, spread: 80 }
const rememberedBuckets = 100_000

/** Writes batches into the log: one conditional write in one partition each. */
export class Appender {
  readonly #connection
  readonly #buckets
  readonly #heads
  readonly #sends
  readonly #copies
  readonly #clock
  readonly #random
  /** Buckets other than the first that are known to be open. */
  #opened = new Lru<ConversationId, number>(rememberedBuckets)

  constructor(deps: {
    connection: CassandraConnection
    buckets: Buckets
    heads: LogHeads
    sends: Sends
    clock: Clock
    random: Random
  }) {
    this.#connection = deps.connection
    this.#buckets = deps.buckets
    this.#heads = deps.heads
    this.#sends = deps.sends
    this.#copies = new SendCopies(deps.sends)
    this.#clock = deps.clock
    this.#random = deps.random
  }

  /**
   * Entries, head and sends, all or none. Undefined when they are written, by this call or by an earlier one whose
   * outcome was not known. @throws AppError `unavailable`: they may be written, or may yet be
   */
  async write(batch: AppendBatch): Promise<Refusal | undefined> {
    const { conversation, expect, entries } = batch
    if (entries.length > this.#buckets.widest) throw new Error(`${entries.length} entries are too many for one batch`)
    const bucket = this.#buckets.behind(expect)
    const opens = bucket === 0 ? expect === 0 : await this.#opens(conversation, bucket, expect)
    // Neither the bucket nor the one before ends where the batch begins.
    if (opens === undefined) return this.#refusal(batch)
    if (bucket > 0) {
      const known = await this.#sends.closed(conversation, keysOf(batch))
      if (known.size > 0) return duplicates(batch, known)
    }
    const { applied, rows } = await this.#decide(appendStatements(batch, bucket, opens))
    if (applied || isWritten(batch, rows)) {
      if (bucket > 0) this.#opened.set(conversation, bucket)
      this.#copies.appended(batch, bucket, opens)
      return undefined
    }
    const head = toHead(rows[0])
    if (!head || this.#buckets.isFull(bucket, head.seq)) return this.#refusal(batch)
    const known = new Map(rows.flatMap((row) => (row.kind === rowKinds.send ? [[String(row.key), toSend(row)]] : [])))
    return known.size > 0 ? duplicates(batch, known) : { status: 'moved', head }
  }

  /** What is stored of a send, wherever the log ends. `known`: entries that there are at least. */
  async find(conversation: ConversationId, key: string, known: number): Promise<StoredSend | undefined> {
    const { bucket } = await this.#heads.end(conversation, known)
    return (await this.#stored(conversation, bucket, [key])).get(key)
  }

  /**
   * True when the batch is the first of its bucket, which may be opened now: the one before is full, ends right there,
   * and its sends are copied. Undefined when the log does not end where the batch begins.
   */
  async #opens(conversation: ConversationId, bucket: number, expect: number): Promise<boolean | undefined> {
    if (this.#opened.get(conversation) === bucket) return false
    const [before, own] = await Promise.all([
      this.#heads.of(conversation, bucket - 1),
      this.#heads.of(conversation, bucket),
    ])
    if (own) {
      this.#opened.set(conversation, bucket)
      return false
    }
    if (before?.seq !== expect) return undefined
    if (!(await this.#copies.finish(conversation, bucket - 1, expect))) {
      await this.#sends.close(conversation, bucket - 1)
    }
    return true
  }

  async #decide(statements: readonly Statement[]): Promise<Decision> {
    const elapsed = stopwatch(this.#clock)
    for (;;) {
      try {
        return await this.#connection.conditional(statements)
      } catch (error) {
        if (!(error instanceof AppError) || elapsed() > patience.unknown) throw error
        await sleep(this.#clock, patience.pause + this.#random.float() * patience.spread)
      }
    }
  }

  /** The bucket did not tell enough: the log ends elsewhere. */
  async #refusal(batch: AppendBatch): Promise<Refusal> {
    const { conversation, expect } = batch
    const { bucket, head } = await this.#heads.end(conversation, expect)
    const known = await this.#stored(conversation, bucket, keysOf(batch))
    return known.size > 0 ? duplicates(batch, known) : { status: 'moved', head: head ?? emptyHead(0) }
  }

  async #stored(
    conversation: ConversationId,
    bucket: number,
    keys: readonly string[],
  ): Promise<Map<string, StoredSend>> {
    if (keys.length === 0) return new Map()
    const [open, closed] = await Promise.all([
      this.#sends.inBucket(conversation, bucket, keys),
      bucket > 0 ? this.#sends.closed(conversation, keys) : undefined,
    ])
    return new Map([...(closed ?? []), ...open])
  }
}

const keysOf = ({ entries }: AppendBatch): string[] => entries.flatMap((entry) => sendKeyOf(entry) ?? [])

function duplicates({ entries }: AppendBatch, known: ReadonlyMap<string, StoredSend>): Refusal {
  const sends = new Map<number, StoredSend>()
  for (const [index, entry] of entries.entries()) {
    const send = known.get(sendKeyOf(entry) ?? '')
    if (send) sends.set(index, send)
  }
  return { status: 'duplicate', sends }
}

/** A refusal shows who has the seq that the batch begins with. */
function isWritten({ expect, entries }: AppendBatch, rows: readonly Row[]): boolean {
  const id = entries[0]?.id
  return rows.some((row) => row.kind === rowKinds.entry && row.seq === expect + 1 && String(row.id) === id)
}
