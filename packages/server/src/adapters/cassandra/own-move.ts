import type { MemberKey, MovedOwn, OwnImport } from '../../conversations/own-move.ts'
import { Turns } from '../../lib/turns.ts'
import type { Cql, Statement } from './cql.ts'
import {
  clearedIn,
  clearStatement,
  hiddenOf,
  hideStatement,
  markIn,
  ownOf,
  settingsIn,
  settingsStatement,
  starIn,
  starStatement,
  starsIn,
  takeStarsStatement,
} from './own-rows.ts'
import { markStatement } from './projection-rows.ts'
import { writeAll } from './write-all.ts'

const readsAtOnce = 32
/** Greater than every seq. */
const endless = 2 ** 31 - 1

/** Brings what members keep for themselves: stars at a time before all that nodes take, as they are dense positions. */
export class CassandraOwnImport implements OwnImport {
  readonly #cql

  constructor(cql: Cql) {
    this.#cql = cql
  }

  async putOwn(rows: readonly (MovedOwn & { order: number })[]): Promise<void> {
    await writeAll(this.#cql, rows.flatMap(statementsOf))
  }

  async own(members: readonly MemberKey[]): Promise<MovedOwn[]> {
    const turns = new Turns(readsAtOnce)
    return Promise.all(members.map((member) => turns.take(() => this.#read(member))))
  }

  async #read({ user, conversation }: MemberKey): Promise<MovedOwn> {
    const [rows, hidden, stars] = await Promise.all([
      this.#cql.execute(ownOf(user, conversation)),
      this.#cql.execute(hiddenOf(user, conversation, 0, endless)),
      this.#cql.execute(starsIn(user, conversation, 0, endless)),
    ])
    const [row] = rows
    return {
      user,
      conversation,
      settings: settingsIn(row),
      mark: markIn(row),
      hidden: hidden.map(({ seq }) => Number(seq)),
      stars: stars.flatMap(starIn).map(({ seq, at }) => ({ seq, at })),
      cleared: clearedIn(row),
    }
  }
}

function statementsOf(own: MovedOwn & { order: number }): Statement[] {
  const { user, conversation, settings, mark, hidden, stars, cleared, order } = own
  const statements = hidden.map((seq) => hideStatement(user, conversation, seq))
  if (mark) statements.push(markStatement(user, conversation, mark))
  if (cleared > 0) statements.push(clearStatement(user, conversation, cleared))
  // Also when there are none: they may have been others.
  const place = { time: order + 1, position: String(order) }
  statements.push(settingsStatement(user, conversation, settings))
  statements.push(takeStarsStatement(user, conversation, order))
  for (const { seq, at } of stars) statements.push(starStatement(user, { conversation, seq, at }, true, place))
  return statements
}
