import type { ConversationId, UserId } from '@parley/protocol'
import { Lru } from '../../lib/lru.ts'
import { Turns } from '../../lib/turns.ts'
import { settledMoves } from '../../messages/receipt-move.ts'
import type { ReceiptKind, ReceiptNotice, ReceiptStore, Watermark } from '../../messages/receipt-store.ts'
import type { Place } from '../../sync/place.ts'
import type { Cql, Row, Statement } from './cql.ts'
import type { Intents } from './intents.ts'
import type { Step } from './lane-notes.ts'
import type { QueueRows } from './queue-rows.ts'
import { historyStatement, newestStatement, receiptBucket, replaceStatement } from './receipt-rows.ts'
import { bytesOf } from './write-all.ts'

/** Most members' next watermark is not further on than this. */
const near = 64
/** Members that one query names: engines bound the combinations. */
const usersAtOnce = 40
const readsAtOnce = 32
const remembered = 100_000
/** Cassandra warns at 5 KiB in a batch over several partitions, and refuses 50. */
const batchBytes = 4_000

const kinds: readonly ReceiptKind[] = ['delivered', 'read']
const readNewest = 'SELECT user, kind, up_to, back FROM watermarks WHERE conversation = ?'
const readStretch = `SELECT user, kind, up_to, back FROM receipts
  WHERE conversation = ? AND bucket = ? AND user IN ? AND kind IN ? AND up_to >= ? AND up_to <= ?`
const readBeyond = `SELECT user, kind, up_to, back FROM receipts
  WHERE conversation = ? AND bucket = ? AND user = ? AND kind = ? AND up_to > ? LIMIT 4`

const second = (at: number): number => Math.floor(at / 1000)
const nameOf = ({ user, kind }: Watermark): string => `${user} ${kind}`

/**
 * A watermark is a row of the history and, while it is the newest, a row that all nodes may overwrite: the one that
 * reaches further stays. A node that did not know of another's watermark may leave a row that moved nothing: reading
 * leaves it out.
 */
export class CassandraReceiptStore implements ReceiptStore {
  readonly #cql
  readonly #rows
  readonly #intents
  /** What this node knows of members' newest watermarks; others may have moved on. */
  #newest = new Lru<string, Watermark>(remembered)
  /** Conversations whose watermarks were read: a member of whom nothing is known had none then. */
  #looked = new Lru<ConversationId, true>(remembered)

  constructor(cql: Cql, rows: QueueRows, intents: Intents) {
    this.#cql = cql
    this.#rows = rows
    this.#intents = intents
  }

  async save(watermarks: readonly Watermark[], notices: readonly ReceiptNotice[]): Promise<Place[]> {
    await this.#learn(watermarks)
    const marks = Map.groupBy(watermarks, ({ conversation }) => conversation)
    const told = Map.groupBy(notices, ({ conversation }) => conversation)
    const places = new Map<ReceiptNotice, Place>()
    await Promise.all(
      [...new Set([...marks.keys(), ...told.keys()])].map(async (conversation) => {
        const own = told.get(conversation) ?? []
        const placed = await this.#saveOne(conversation, marks.get(conversation) ?? [], own)
        for (const [index, notice] of own.entries()) places.set(notice, placed[index] as Place)
      }),
    )
    return notices.map((notice) => places.get(notice) as Place)
  }

  async latest(conversation: ConversationId): Promise<Watermark[]> {
    const rows = await this.#cql.execute({ query: readNewest, params: [conversation] })
    const newest = rows.map((row) => toWatermark(conversation, row))
    for (const watermark of newest) this.#newest.set(`${conversation} ${nameOf(watermark)}`, watermark)
    this.#looked.set(conversation, true)
    return newest
  }

  async firstCovering(conversation: ConversationId, seq: number): Promise<Watermark[]> {
    const newest = await this.latest(conversation)
    return [...(await this.#histories(newest, seq, seq - 1)).values()].flatMap(([first]) => first ?? [])
  }

  async covering(
    conversation: ConversationId,
    users: readonly UserId[],
    from: number,
    to: number,
  ): Promise<Watermark[]> {
    const asked = new Set(users)
    const newest = (await this.latest(conversation)).filter(({ user }) => asked.has(user))
    return [...(await this.#histories(newest, from, to)).values()].flat()
  }

  async #saveOne(
    conversation: ConversationId,
    watermarks: readonly Watermark[],
    notices: readonly ReceiptNotice[],
  ): Promise<Place[]> {
    const moved = new Map<string, Watermark>()
    const statements: Statement[] = []
    for (const watermark of watermarks) {
      const key = `${conversation} ${nameOf(watermark)}`
      const before = moved.get(key) ?? this.#newest.get(key)
      if (before && before.upTo >= watermark.upTo) continue
      statements.push(...statementsOf(watermark, before))
      moved.set(key, watermark)
    }
    const rows = notices.map(({ user, update }) => ({ user, update }))
    const places = await this.#write(conversation, { statements, rows })
    for (const [key, watermark] of moved) this.#newest.set(key, watermark)
    return places
  }

  #write(conversation: ConversationId, step: Step): Promise<Place[]> {
    const { statements, rows } = step
    const bytes = rows.reduce((sum, { update }) => sum + update.length, 0) + bytesOf(statements)
    if (bytes > batchBytes) return this.#intents.perform(conversation, step)
    return this.#rows.putWith(
      rows.map(({ user, update }) => ({ user, pointer: { kind: 'update', update } })),
      statements,
    )
  }

  /** Conversations of which nothing is known yet are looked up as a whole. */
  async #learn(watermarks: readonly Watermark[]): Promise<void> {
    const strange = watermarks.filter((one) => {
      return !this.#looked.get(one.conversation) && !this.#newest.get(`${one.conversation} ${nameOf(one)}`)
    })
    const conversations = new Set(strange.map(({ conversation }) => conversation))
    await Promise.all([...conversations].map((conversation) => this.latest(conversation)))
  }

  /** Of each member and kind in `newest` the watermarks from..to and the first one beyond, ascending. */
  async #histories(newest: readonly Watermark[], from: number, to: number): Promise<Map<string, Watermark[]>> {
    const reaching = newest.filter(({ upTo }) => upTo >= from)
    const found = Map.groupBy(await this.#stretch(reaching, from, to + near), nameOf)
    const turns = new Turns(readsAtOnce)
    const histories = await Promise.all(
      reaching.map(async (last): Promise<[string, Watermark[]]> => {
        const rows = found.get(nameOf(last)) ?? []
        const complete = last.upTo <= to + near || rows.some(({ upTo }) => upTo > to)
        const beyond = complete ? [] : await turns.take(() => this.#beyond(last, to + near))
        const moves = settledMoves([...rows, ...beyond, last].sort((a, b) => a.upTo - b.upTo))
        const end = moves.findIndex(({ upTo }) => upTo > to)
        return [nameOf(last), end < 0 ? moves : moves.slice(0, end + 1)]
      }),
    )
    return new Map(histories)
  }

  async #stretch(members: readonly Watermark[], from: number, to: number): Promise<Watermark[]> {
    const [first] = members
    if (!first) return []
    const { conversation } = first
    const users = [...new Set(members.map(({ user }) => user))]
    const reads: Statement[] = []
    for (let bucket = receiptBucket(from); bucket <= receiptBucket(to); bucket++) {
      for (let start = 0; start < users.length; start += usersAtOnce) {
        const some = users.slice(start, start + usersAtOnce)
        reads.push({ query: readStretch, params: [conversation, bucket, some, kinds, from, to] })
      }
    }
    const pages = await Promise.all(reads.map((read) => this.#cql.execute(read)))
    return pages.flat().map((row) => toWatermark(conversation, row))
  }

  /** The first few behind `seq` of a member who was away for long. */
  async #beyond({ conversation, user, kind, upTo }: Watermark, seq: number): Promise<Watermark[]> {
    for (let bucket = receiptBucket(seq); bucket <= receiptBucket(upTo); bucket++) {
      const rows = await this.#cql.execute({ query: readBeyond, params: [conversation, bucket, user, kind, seq] })
      if (rows.length > 0) return rows.map((row) => toWatermark(conversation, row))
    }
    return []
  }
}

function statementsOf(watermark: Watermark, before: Watermark | undefined): Statement[] {
  const statements = [newestStatement(watermark), historyStatement(watermark)]
  // Within one second a newer watermark takes the place of the one before.
  if (before && second(before.at) === second(watermark.at)) {
    statements.push(replaceStatement(before, watermark.upTo))
  }
  return statements
}

function toWatermark(conversation: ConversationId, { user, kind, up_to, back }: Row): Watermark {
  return { conversation, user: String(user), kind: kind as ReceiptKind, upTo: Number(up_to), at: -Number(back) }
}
