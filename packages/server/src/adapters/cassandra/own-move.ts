import type { MemberKey, MovedOwn, OwnImport } from '../../conversations/own-move.ts'
import { Turns } from '../../lib/turns.ts'
import type { Cql, Statement } from './cql.ts'
import { hiddenOf, hideStatement, markIn, ownOf, settingsIn, settingsStatement } from './own-rows.ts'
import { markStatement } from './projection-rows.ts'
import { writeAll } from './write-all.ts'

const readsAtOnce = 32
/** Greater than every seq. */
const endless = 2 ** 31 - 1

/** Brings what members keep for themselves: settings at a time before all that nodes take, as they are dense positions. */
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
    const [rows, hidden] = await Promise.all([
      this.#cql.execute(ownOf(user, conversation)),
      this.#cql.execute(hiddenOf(user, conversation, 0, endless)),
    ])
    const [row] = rows
    return {
      user,
      conversation,
      settings: settingsIn(row),
      mark: markIn(row),
      hidden: hidden.map(({ seq }) => Number(seq)),
    }
  }
}

function statementsOf({
  user,
  conversation,
  settings,
  mark,
  hidden,
  order,
}: MovedOwn & { order: number }): Statement[] {
  const statements = hidden.map((seq) => hideStatement(user, conversation, seq))
  if (mark) statements.push(markStatement(user, conversation, mark))
  // Also when there are none: they may have been others.
  const place = { time: order + 1, position: String(order) }
  statements.push(settingsStatement(user, conversation, settings, place))
  return statements
}
