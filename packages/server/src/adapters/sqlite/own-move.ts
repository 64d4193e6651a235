import { type MemberKey, type MovedOwn, memberKey, type OwnExport } from '../../conversations/own-move.ts'
import type { ReadMark } from '../../conversations/own-store.ts'
import type { KeyPage } from '../../lib/key-page.ts'
import type { Connection } from './connection.ts'
import { DenseQueues } from './dense-queues.ts'
import { settingsIn } from './own-settings.ts'

interface Member {
  user: number
  conversation: number
  userName: string
  conversationName: string
}

/** What members keep for themselves, as another process may read it while the server goes on. */
export class SqliteOwnExport implements OwnExport {
  readonly #page
  readonly #read

  constructor(database: Connection) {
    this.#page = database.prepare<[number, number, number], Member>(
      `SELECT m.user, m.conversation, u.name AS userName, c.name AS conversationName FROM members m
       JOIN names u ON u.ref = m.user JOIN names c ON c.ref = m.conversation
       WHERE (m.user, m.conversation) > (?, ?) ORDER BY m.user, m.conversation LIMIT ?`,
    )
    const ref = database.prepare<[string], number>('SELECT ref FROM names WHERE name = ?').pluck()
    const settings = database
      .prepare<[number, number], string>('SELECT settings FROM member_settings WHERE user = ? AND conversation = ?')
      .pluck()
    const mark = database.prepare<[number, number], ReadMark>(
      'SELECT read, messages, own FROM read_marks WHERE user = ? AND conversation = ?',
    )
    const hidden = database
      .prepare<[number, number], number>('SELECT seq FROM hidden WHERE user = ? AND conversation = ? ORDER BY seq')
      .pluck()
    const stars = database.prepare<[number, number], { seq: number; at: number }>(
      'SELECT seq, at FROM stars WHERE user = ? AND conversation = ? ORDER BY seq',
    )
    const cleared = database
      .prepare<[number, number], number>('SELECT up_to FROM clear_marks WHERE user = ? AND conversation = ?')
      .pluck()
    const dense = new DenseQueues(database)
    this.#read = database.transaction((members: readonly MemberKey[]): (MovedOwn & { order: number })[] => {
      const refs = members.map(({ user, conversation }) => [ref.get(user) ?? 0, ref.get(conversation) ?? 0] as const)
      const journal = dense.waiting(new Set(refs.map(([user]) => user)))
      return members.map((member, index) => {
        const [user, conversation] = refs[index] as (typeof refs)[number]
        return {
          ...member,
          settings: settingsIn(settings.get(user, conversation)),
          mark: mark.get(user, conversation),
          hidden: hidden.all(user, conversation),
          stars: stars.all(user, conversation),
          cleared: cleared.get(user, conversation) ?? 0,
          order: dense.head(user, journal.get(user) ?? []),
        }
      })
    })
  }

  async pageOfMembers(after: string | undefined, limit: number): Promise<KeyPage> {
    const [user = 0, conversation = 0] = (after ?? '').split(' ').map(Number)
    const rows = this.#page.all(user, conversation, limit)
    const last = rows.at(-1)
    return {
      keys: rows.map(({ userName, conversationName }) => memberKey({ user: userName, conversation: conversationName })),
      next: last && rows.length === limit ? `${last.user} ${last.conversation}` : undefined,
    }
  }

  async own(members: readonly MemberKey[]): Promise<(MovedOwn & { order: number })[]> {
    return this.#read(members)
  }
}
