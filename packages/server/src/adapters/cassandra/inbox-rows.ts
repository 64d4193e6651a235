import type { ConversationId, UserId } from '@parley/protocol'
import type { Clock, Timer } from '../../lib/clock.ts'
import { Lru } from '../../lib/lru.ts'
import type { Cql, Statement } from './cql.ts'
import { writeAll } from './write-all.ts'

/** The newest activity of a conversation, for the inboxes of these users. */
export interface Activity {
  users: readonly UserId[]
  seq: number
  at: number
}

/** ms. */
const period = 1_000
const remembered = 100_000

const update = 'UPDATE memberships USING TIMESTAMP ? SET at = ? WHERE user = ? AND conversation = ?'

export const activityStatements = (conversation: ConversationId, { users, seq, at }: Activity): Statement[] =>
  users.map((user) => ({ query: update, params: [seq + 1, at, user, conversation] }))

/**
 * Orders inboxes by activity. A conversation's rows are written at most once a second; the last activity is written
 * within a second, unless this node dies: then the order is older until the next message. No number depends on it.
 */
export class InboxRows {
  readonly #cql
  readonly #clock
  #written = new Lru<ConversationId, number>(remembered)
  #waiting = new Map<ConversationId, Activity>()
  #timer: Timer | undefined

  constructor(cql: Cql, clock: Clock) {
    this.#cql = cql
    this.#clock = clock
  }

  /** @returns what is to be written now */
  statements(conversation: ConversationId, activity: Activity): Statement[] {
    const now = this.#clock.monotonic()
    if (now - (this.#written.get(conversation) ?? Number.NEGATIVE_INFINITY) < period) {
      this.#waiting.set(conversation, activity)
      this.#timer ??= this.#clock.after(period, () => {
        this.#timer = undefined
        void this.flush().catch(() => {})
      })
      return []
    }
    this.#written.set(conversation, now)
    this.#waiting.delete(conversation)
    return activityStatements(conversation, activity)
  }

  /** What `statements` gave was not written. */
  forget(conversation: ConversationId): void {
    this.#written.delete(conversation)
  }

  async flush(): Promise<void> {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [conversation] of waiting) this.#written.set(conversation, this.#clock.monotonic())
    await writeAll(
      this.#cql,
      waiting.flatMap(([conversation, activity]) => activityStatements(conversation, activity)),
    )
  }
}
