import type { ConversationId } from '@parley/protocol'
import type { Clock, Timer } from '../../lib/clock.ts'
import { Lru } from '../../lib/lru.ts'
import type { Cql, Statement } from './cql.ts'
import type { RowTime } from './positions.ts'
import { writeAll } from './write-all.ts'

/** Everything that follows from the entries up to `seq` is stored; the newest queue row of them is of `time`. */
export interface Fanned {
  seq: number
  time: RowTime
}

/** ms. A node that dies in between leaves that much to be done again, which does no harm. */
const gatherTime = 500
const remembered = 200_000
const sharedAtOnce = 20_000
/** ms. */
const sharedTime = 30_000

// Of two writes the one of the greater seq stays, whenever it arrives; a repeated write keeps the later time.
const write = 'INSERT INTO fanned (conversation, seq, row_time) VALUES (?, ?, ?) USING TIMESTAMP ?'
const read = 'SELECT seq, row_time FROM fanned WHERE conversation = ?'

/** How far each conversation is done: what this node knows of it, and the register that all nodes share. */
export class FannedRegister {
  readonly #cql
  readonly #clock
  #known = new Lru<ConversationId, Fanned>(remembered)
  #unwritten = new Map<ConversationId, Fanned>()
  /** When it was seen last that others append, by `clock.monotonic()`. */
  #shared = new Lru<ConversationId, number>(sharedAtOnce)
  #timer: Timer | undefined

  constructor(cql: Cql, clock: Clock) {
    this.#cql = cql
    this.#clock = clock
  }

  /** At least so far. */
  known(conversation: ConversationId): Fanned | undefined {
    return this.#known.get(conversation) ?? this.#unwritten.get(conversation)
  }

  /** undefined: not even the making of a direct conversation is done, or there is none. */
  async read(conversation: ConversationId): Promise<Fanned | undefined> {
    const [row] = await this.#cql.execute({ query: read, params: [conversation] })
    if (row) this.#learn(conversation, { seq: Number(row.seq), time: Number(row.row_time) })
    return this.known(conversation)
  }

  /** Written soon, gathered with others; at once where other nodes append too, who would do all of it again. */
  note(conversation: ConversationId, fanned: Fanned): void {
    const sharedAt = this.#shared.get(conversation)
    if (sharedAt !== undefined && this.#clock.monotonic() - sharedAt < sharedTime) {
      this.#learn(conversation, fanned)
      void this.#cql.execute(statementOf([conversation, fanned])).catch(() => this.#gather(conversation, fanned))
      return
    }
    this.#gather(conversation, fanned)
  }

  /** Other nodes append to this conversation at the moment. */
  share(conversation: ConversationId): void {
    this.#shared.set(conversation, this.#clock.monotonic())
  }

  #gather(conversation: ConversationId, fanned: Fanned): void {
    const waiting = this.#unwritten.get(conversation)
    if (!waiting || waiting.seq <= fanned.seq) this.#unwritten.set(conversation, fanned)
    this.#learn(conversation, fanned)
    this.#timer ??= this.#clock.after(gatherTime, () => {
      this.#timer = undefined
      // What could not be written stays, and goes with what is noted next.
      void this.flush().catch(() => {})
    })
  }

  /** As `note`, but it is stored when this resolves. */
  async set(conversation: ConversationId, fanned: Fanned): Promise<void> {
    await this.#cql.execute(statementOf([conversation, fanned]))
    this.#learn(conversation, fanned)
  }

  async flush(): Promise<void> {
    const written = [...this.#unwritten]
    await writeAll(this.#cql, written.map(statementOf))
    for (const [conversation, fanned] of written) {
      if (this.#unwritten.get(conversation) === fanned) this.#unwritten.delete(conversation)
    }
  }

  #learn(conversation: ConversationId, fanned: Fanned): void {
    const known = this.#known.get(conversation)
    if (!known || known.seq < fanned.seq || (known.seq === fanned.seq && known.time < fanned.time)) {
      this.#known.set(conversation, fanned)
    }
  }
}

const statementOf = ([conversation, { seq, time }]: readonly [ConversationId, Fanned]): Statement => ({
  query: write,
  params: [conversation, seq, time, seq + 1],
})
