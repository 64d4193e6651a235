import type { ConversationId, UserId } from '@parley/protocol'
import type { ConversationRecord, MemberRecord } from '../../log/conversation-record.ts'
import type { CassandraConnection } from './connection.ts'
import type { Statement } from './cql.ts'
import { activityStatements } from './inbox-rows.ts'
import { projectionStatements } from './projection-rows.ts'
import { writeAll } from './write-all.ts'

interface Claim {
  record: Omit<ConversationRecord, 'members'>
  members: readonly MemberRecord[]
  creator: UserId
}

const insert = 'INSERT INTO directs (conversation, record) VALUES (?, ?) IF NOT EXISTS'
/** Before all times: what is claimed by a node stays. */
const insertMoved = 'INSERT INTO directs (conversation, record) VALUES (?, ?) USING TIMESTAMP 1'
const read = 'SELECT record FROM directs WHERE conversation = ?'

/** Direct conversations begin without an entry: whoever claims one first makes it; its rows follow from the claim. */
export class Directs {
  readonly #connection

  constructor(connection: CassandraConnection) {
    this.#connection = connection
  }

  /** @returns true when this call made the claim. @throws AppError `unavailable`: it may have */
  async claim(record: ConversationRecord, creator: UserId): Promise<boolean> {
    const { applied } = await this.#connection.conditional([
      { query: insert, params: [record.id, claimText(record, creator)] },
    ])
    return applied
  }

  /** The claim of a conversation that was made elsewhere, while nobody makes any here. */
  movedClaim(record: ConversationRecord, creator: UserId): Statement {
    return { query: insertMoved, params: [record.id, claimText({ ...record, asOf: 0 }, creator)] }
  }

  /** Writes the rows of a claim, again and again without harm. @returns false when there is none */
  async complete(conversation: ConversationId): Promise<boolean> {
    const [row] = await this.#connection.serial({ query: read, params: [conversation] })
    if (!row) return false
    const { record, members, creator } = JSON.parse(String(row.record)) as Claim
    const joined = members.map(({ user }) => ({ user, read: 0, messages: 0, own: 0 }))
    await writeAll(this.#connection, [
      ...projectionStatements({ conversation: record, members, joined }),
      // Until it has a message only its creator sees it.
      ...activityStatements(conversation, { users: [creator], seq: record.asOf, at: record.createdAt }),
    ])
    return true
  }
}

function claimText({ members, ...record }: ConversationRecord, creator: UserId): string {
  const claim: Claim = { record, members: [...members.values()], creator }
  return JSON.stringify(claim)
}
