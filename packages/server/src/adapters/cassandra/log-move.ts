import type { ConversationId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import { Turns } from '../../lib/turns.ts'
import type { StoredSend } from '../../log/conversation-log.ts'
import type { Entry } from '../../log/entry.ts'
import type { LogImport, MovedConversation, MovedEntry } from '../../log/log-move.ts'
import type { Amendments } from './amendments.ts'
import type { Buckets } from './buckets.ts'
import type { CassandraConnection } from './connection.ts'
import type { Statement } from './cql.ts'
import type { Directs } from './directs.ts'
import type { FannedRegister } from './fanned.ts'
import { activityStatements } from './inbox-rows.ts'
import { sendKeyOf } from './log-rows.ts'
import { endOfBucket, movedEntry, movedHead, movedSend, movedSendInBucket } from './moved-log-rows.ts'
import { projectionStatements } from './projection-rows.ts'
import type { Sends } from './sends.ts'
import { writeAll, writeTogether } from './write-all.ts'

const readsAtOnce = 32
/** Keys that one query names. */
const keysAtOnce = 100

/**
 * Brings conversations over. Nobody appends meanwhile, so rows of the log are written plainly; at the time of the seq
 * that they reflect, so that whatever a node decides later (at a time of its clock) stands above them.
 */
export class CassandraLogImport implements LogImport {
  readonly #connection
  readonly #buckets
  readonly #sends
  readonly #register
  readonly #amendments
  readonly #directs
  readonly #clock

  constructor(deps: {
    connection: CassandraConnection
    buckets: Buckets
    sends: Sends
    register: FannedRegister
    amendments: Amendments
    directs: Directs
    clock: Clock
  }) {
    this.#connection = deps.connection
    this.#buckets = deps.buckets
    this.#sends = deps.sends
    this.#register = deps.register
    this.#amendments = deps.amendments
    this.#directs = deps.directs
    this.#clock = deps.clock
  }

  async arrived(conversations: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, number>> {
    const turns = new Turns(readsAtOnce)
    const found = await Promise.all(
      conversations.map(async (conversation) => {
        const fanned = await turns.take(() => this.#register.read(conversation))
        return fanned ? [[conversation, fanned.seq] as const] : []
      }),
    )
    return new Map(found.flat())
  }

  async putEntries(conversation: ConversationId, entries: readonly MovedEntry[], head: number): Promise<void> {
    const last = this.#buckets.highest(head)
    const byBucket = Map.groupBy(entries, ({ seq }) => this.#buckets.highest(seq))
    for (const [bucket, own] of byBucket) {
      await this.#putInto(conversation, bucket, own, { head, open: bucket === last })
    }
    await writeAll(this.#connection, this.#amendments.statements(entries))
    const { seq } = entries.at(-1) ?? { seq: 0 }
    if (seq > (this.#register.known(conversation)?.seq ?? 0)) await this.#register.set(conversation, { seq, time: 0 })
  }

  async finish({ record, head, creator }: MovedConversation): Promise<void> {
    const { members, ...conversation } = record
    const { id } = record
    const all = [...members.values()]
    const statements = projectionStatements({ conversation, members: all, joined: [] })
    if (record.kind === 'direct') statements.push(this.#directs.movedClaim(record, creator ?? all[0]?.user ?? ''))
    if (head) {
      const users = all.filter(({ role }) => role !== null).map(({ user }) => user)
      statements.push(...activityStatements(id, { users, seq: head.seq, at: head.at }))
      await this.#connection.execute(movedHead(id, this.#buckets.highest(head.seq), head))
    } else if (creator !== undefined) {
      statements.push(...activityStatements(id, { users: [creator], seq: 0, at: record.createdAt }))
    }
    await writeAll(this.#connection, statements)
    await this.#register.set(id, { seq: head?.seq ?? 0, time: 0 })
  }

  async fingerprints(conversation: ConversationId, entries: readonly Entry[]): Promise<(string | undefined)[]> {
    const keys = entries.flatMap((entry) => sendKeyOf(entry) ?? [])
    const known = new Map<string, StoredSend>()
    for (let start = 0; start < keys.length; start += keysAtOnce) {
      const some = keys.slice(start, start + keysAtOnce)
      const buckets = new Set(entries.map(({ seq }) => this.#buckets.highest(seq)))
      const found = await Promise.all([
        this.#sends.closed(conversation, some),
        ...[...buckets].map((bucket) => this.#sends.inBucket(conversation, bucket, some)),
      ])
      for (const sends of found) for (const [key, send] of sends) known.set(key, send)
    }
    return entries.map((entry) => {
      const send = known.get(sendKeyOf(entry) ?? '')
      return send?.seq === entry.seq ? send.fingerprint : undefined
    })
  }

  /** `open`: the last bucket, where the next entry goes, keeps the sends too; those of the others lie apart. */
  async #putInto(
    conversation: ConversationId,
    bucket: number,
    entries: readonly MovedEntry[],
    { head, open }: { head: number; open: boolean },
  ): Promise<void> {
    const now = this.#clock.now()
    const statements: Statement[] = entries.map((entry) => movedEntry(entry, bucket, head))
    const sends = entries.flatMap((entry) => movedSend(entry, now) ?? [])
    if (open) statements.push(...sends.map((send) => movedSendInBucket(conversation, bucket, send)))
    const first = entries[0]?.seq ?? 0
    const end = entries.at(-1)
    // The bucket before may have been the last one when its sends were brought.
    if (bucket > 0 && first === bucket * this.#buckets.size + 1) await this.#sends.close(conversation, bucket - 1)
    if (end && !open && this.#buckets.isFull(bucket, end.seq)) statements.push(endOfBucket(end, bucket))
    await Promise.all([
      writeTogether(this.#connection, statements),
      open ? undefined : this.#sends.put(conversation, sends),
    ])
  }
}
