import type { ConversationId } from '@parley/protocol'
import type { InboxRow } from '../../conversations/conversation-store.ts'
import type { Clock } from '../../lib/clock.ts'
import { Turns } from '../../lib/turns.ts'
import type { Cql } from './cql.ts'
import type { FannedRegister } from './fanned.ts'
import { epochsBetween, lanesOf } from './lane-lists.ts'
import { epochTime, laneRetention } from './lane-notes.ts'
import type { LogHeads } from './log-heads.ts'

/** ms that clocks of nodes may differ. */
const skew = 5_000
const headsAtOnce = 16
const everyFanned = 'SELECT conversation FROM fanned'

/** Finds conversations by the time of their newest entry: what nodes noted before they appended. */
export class ActiveConversations {
  readonly #cql
  readonly #heads
  readonly #register
  readonly #clock

  constructor(cql: Cql, heads: LogHeads, register: FannedRegister, clock: Clock) {
    this.#cql = cql
    this.#heads = heads
    this.#register = register
    this.#clock = clock
  }

  async since(at: number, limit: number): Promise<InboxRow[]> {
    const known = at < this.#clock.now() - laneRetention + epochTime ? await this.#all() : await this.#noted(at)
    const turns = new Turns(headsAtOnce)
    const rows: InboxRow[] = []
    await Promise.all(
      [...known].map((conversation) =>
        turns.take(async () => {
          const fanned = await this.#register.read(conversation)
          const { head } = await this.#heads.end(conversation, fanned?.seq ?? 0)
          if (head && head.at >= at) rows.push({ conversation, at: head.at })
        }),
      ),
    )
    return rows.sort((a, b) => a.at - b.at).slice(0, limit)
  }

  /** A note may be as old as an epoch when an entry is appended. */
  async #noted(at: number): Promise<Set<ConversationId>> {
    const found = new Set<ConversationId>()
    const now = this.#clock.now()
    for (const epoch of await epochsBetween(this.#cql, at - epochTime - skew, now + skew)) {
      for await (const page of lanesOf(this.#cql, epoch)) for (const conversation of page) found.add(conversation)
    }
    return found
  }

  /** For an index that is built anew: every conversation there is. */
  async #all(): Promise<Set<ConversationId>> {
    const rows = await this.#cql.execute({ query: everyFanned, params: [] })
    return new Set(rows.map((row) => String(row.conversation)))
  }
}
