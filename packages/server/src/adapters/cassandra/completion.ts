import type { ConversationId, UserId } from '@parley/protocol'
import { unavailable } from '../../lib/errors.ts'
import type { Audience } from '../../log/conversation-log.ts'
import type { MemberRecord, ProjectionChange } from '../../log/conversation-record.ts'
import type { Entry } from '../../log/entry.ts'
import { inInterval } from '../../log/fold.ts'
import type { Amendments } from './amendments.ts'
import type { CassandraConnection } from './connection.ts'
import type { Row } from './cql.ts'
import type { Directs } from './directs.ts'
import type { Fanned, FannedRegister } from './fanned.ts'
import { activityStatements, type InboxRows } from './inbox-rows.ts'
import type { LogHeads } from './log-heads.ts'
import type { LogReader } from './log-reader.ts'
import { projectionOf, toEntry } from './log-rows.ts'
import type { RowTime } from './positions.ts'
import { projectionStatements, readConversation, toRecord } from './projection-rows.ts'
import type { Placed, QueueRows } from './queue-rows.ts'
import { writeAll } from './write-all.ts'

/** Entries that are stored, and to whom they go. */
interface Stored {
  conversation: ConversationId
  entries: readonly Entry[]
  audiences: readonly Audience[]
  projections: readonly ProjectionChange[]
}

const entriesAtOnce = 200

/** Stores what follows from entries: queue places, projections, amendments; then notes that it is done. */
export class Completion {
  readonly #connection
  readonly #rows
  readonly #register
  readonly #inbox
  readonly #amendments
  readonly #heads
  readonly #reader
  readonly #directs
  #underWay = new Map<ConversationId, Promise<void>>()

  constructor(deps: {
    connection: CassandraConnection
    rows: QueueRows
    register: FannedRegister
    inbox: InboxRows
    amendments: Amendments
    heads: LogHeads
    reader: LogReader
    directs: Directs
  }) {
    this.#connection = deps.connection
    this.#rows = deps.rows
    this.#register = deps.register
    this.#inbox = deps.inbox
    this.#amendments = deps.amendments
    this.#heads = deps.heads
    this.#reader = deps.reader
    this.#directs = deps.directs
  }

  /** For entries that were just appended; everything before them is done, with rows up to the time `after`. */
  async finish(stored: Stored, after: RowTime): Promise<Placed> {
    const { conversation } = stored
    try {
      return await this.#finish(stored, after, (activity) => this.#inbox.statements(conversation, activity))
    } catch (error) {
      this.#inbox.forget(conversation)
      throw error
    }
  }

  /** Does what others left, whoever and wherever they are, up to the head. */
  complete(conversation: ConversationId): Promise<void> {
    return this.#inTurn(conversation, async () => {
      const found = await this.#register.read(conversation)
      if (!found && (await this.#directs.complete(conversation))) this.#register.note(conversation, { seq: 0, time: 0 })
      const { head } = await this.#heads.end(conversation, found?.seq ?? 0)
      if (head) await this.#advance(conversation, head.seq)
    })
  }

  /** The same for entries that are known to be there, and what this node knows to be done. */
  completeUpTo(conversation: ConversationId, seq: number): Promise<void> {
    return this.#inTurn(conversation, async () => {
      if (!this.#register.known(conversation) && (await this.#directs.complete(conversation))) {
        this.#register.note(conversation, { seq: 0, time: 0 })
      }
      await this.#advance(conversation, seq)
    })
  }

  /** One after the other, so that nothing is done twice here. */
  #inTurn(conversation: ConversationId, work: () => Promise<void>): Promise<void> {
    const before = this.#underWay.get(conversation) ?? Promise.resolve()
    const run = before.catch(() => {}).then(work)
    this.#underWay.set(conversation, run)
    const over = () => {
      if (this.#underWay.get(conversation) === run) this.#underWay.delete(conversation)
    }
    run.then(over, over)
    return run
  }

  async #advance(conversation: ConversationId, upTo: number): Promise<void> {
    let done: Fanned = this.#register.known(conversation) ?? { seq: 0, time: 0 }
    if (upTo <= done.seq) return
    this.#register.share(conversation)
    const members = await this.#members(conversation)
    while (done.seq < upTo) {
      const rows = await this.#reader.rows(conversation, done.seq, upTo, entriesAtOnce)
      if (Number(rows[0]?.seq) !== done.seq + 1) throw unavailable('The log cannot be read up to its head yet.')
      const stored = storedOf(conversation, rows, members)
      const { time } = await this.#finish(stored, done.time, (activity) => activityStatements(conversation, activity))
      done = { seq: Number(rows.at(-1)?.seq), time }
    }
  }

  async #finish(
    { conversation, entries, audiences, projections }: Stored,
    after: RowTime,
    activity: (newest: { users: readonly UserId[]; seq: number; at: number }) => ReturnType<typeof activityStatements>,
  ): Promise<Placed> {
    const { seq, at } = entries.at(-1) as Entry
    const groups = audiences.map(({ users, from, to }) => ({
      users,
      pointer: { kind: 'entries' as const, conversation, from, to },
    }))
    const [placed] = await Promise.all([
      this.#rows.place(groups, after),
      writeAll(this.#connection, [
        ...projections.flatMap(projectionStatements),
        ...this.#amendments.statements(entries),
        ...activity({ users: audiences.at(-1)?.users ?? [], seq, at }),
      ]),
    ])
    this.#register.note(conversation, { seq, time: placed.time })
    return placed
  }

  /** As far as projected: everything up to what is done, perhaps more. */
  async #members(conversation: ConversationId): Promise<Map<UserId, MemberRecord>> {
    const rows = await this.#connection.execute({ query: readConversation, params: [conversation] })
    return new Map(toRecord(conversation, rows)?.members)
  }
}

/** Who gets an entry follows from the members' intervals: those before it and those after it. `members` is brought forward. */
function storedOf(conversation: ConversationId, rows: readonly Row[], members: Map<UserId, MemberRecord>): Stored {
  const projections = rows.flatMap((row) => projectionOf(row) ?? [])
  for (const change of projections) for (const member of change.members) members.set(member.user, member)
  const entries = rows.map((row) => toEntry(conversation, row))
  const audiences: Audience[] = []
  for (const { seq } of entries) {
    const users = [...members.values()].filter((member) => inInterval(member, seq)).map(({ user }) => user)
    const last = audiences.at(-1)
    if (last && last.users.length === users.length && last.users.every((user, index) => user === users[index]))
      last.to = seq
    else audiences.push({ users, from: seq, to: seq })
  }
  return { conversation, entries, audiences, projections }
}
