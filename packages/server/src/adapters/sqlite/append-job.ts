import type { Connection } from './connection.ts'
import type { Heads } from './heads.ts'
import type { AppendAnswer, AppendJob, EntryTuple } from './jobs.ts'
import type { Journal } from './journal.ts'
import type { Names } from './names.ts'

const amending = new Set(['edit', 'delete', 'reaction'])

/** Stores entries of any kind at once, with their dedupe rows. Lives in the store thread, inside its transaction. */
export class AppendJobs {
  readonly #names
  readonly #heads
  readonly #journal
  #insertSend
  #removeSend
  #findSend
  #insertEntry
  #amend
  #empty
  #emptyEdits

  constructor(database: Connection, names: Names, heads: Heads, journal: Journal) {
    this.#names = names
    this.#heads = heads
    this.#journal = journal
    this.#insertSend = database.prepare(
      'INSERT OR IGNORE INTO sends (conversation, sender, client_message_id, seq, fingerprint) VALUES (?, ?, ?, ?, ?)',
    )
    this.#removeSend = database.prepare(
      'DELETE FROM sends WHERE conversation = ? AND sender = ? AND client_message_id = ?',
    )
    this.#findSend = database.prepare<
      [number, number, string],
      { seq: number; fingerprint: Buffer; at: number; low: number }
    >(
      `SELECT s.seq, s.fingerprint, e.at, e.low FROM sends s JOIN entries e ON e.conversation = s.conversation AND e.seq = s.seq
       WHERE s.conversation = ? AND s.sender = ? AND s.client_message_id = ?`,
    )
    this.#insertEntry = database.prepare(
      `INSERT INTO entries (conversation, seq, at, low, kind, sender, device, client_message_id, messages, own, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#amend = database.prepare(
      'INSERT OR REPLACE INTO amendments (conversation, target, kind, user, seq) VALUES (?, ?, ?, ?, ?)',
    )
    this.#empty = database.prepare(`UPDATE entries SET body = '{"content":{}}' WHERE conversation = ? AND seq = ?`)
    this.#emptyEdits = database.prepare(
      `UPDATE entries SET body = json_object('target', json_extract(body, '$.target'), 'content', json('{}'))
       WHERE conversation = ? AND seq > ? AND kind = 'edit' AND json_extract(body, '$.target') = ?`,
    )
  }

  run(job: AppendJob, seconds: number): AppendAnswer {
    const conversation = this.#names.ref(job.conversation)
    this.#journal.settle(conversation)
    const duplicates = this.#claimSends(conversation, job)
    if (duplicates) return { status: 'duplicate', sends: duplicates }
    if (this.#heads.of(conversation).seq !== job.expect) {
      this.#releaseSends(conversation, job.entries)
      return { status: 'moved' }
    }
    let seq = job.expect
    for (const entry of job.entries) this.#store(conversation, ++seq, entry)
    this.#moveHead(conversation, seq, job)
    return { status: 'appended', positions: this.#place(conversation, job, seconds) }
  }

  /** Inserts the dedupe rows; when some were there already, takes back its own and answers those. */
  #claimSends(conversation: number, job: AppendJob): [number, number, number, number, string][] | undefined {
    let duplicates: [number, number, number, number, string][] | undefined
    const claimed: EntryTuple[] = []
    for (let index = 0; index < job.entries.length; index++) {
      const entry = job.entries[index] as EntryTuple
      const [, , , sender, , key, fingerprint] = entry
      if (key === null) continue
      const user = this.#names.ref(sender)
      const stored = Buffer.from(fingerprint as string, 'hex')
      if (this.#insertSend.run(conversation, user, key, job.expect + 1 + index, stored).changes === 1) {
        claimed.push(entry)
        continue
      }
      const first = this.#findSend.get(conversation, user, key)
      if (!first) throw new Error('a send has no entry')
      duplicates ??= []
      duplicates.push([index, first.seq, first.at, first.low, first.fingerprint.toString('hex')])
    }
    if (duplicates) this.#releaseSends(conversation, claimed)
    return duplicates
  }

  #releaseSends(conversation: number, entries: readonly EntryTuple[]): void {
    for (const [, , , sender, , key] of entries) {
      if (key !== null) this.#removeSend.run(conversation, this.#names.ref(sender), key)
    }
  }

  #store(conversation: number, seq: number, entry: EntryTuple): void {
    const [at, low, kind, sender, device, key, , messages, own, body] = entry
    const user = this.#names.ref(sender)
    this.#insertEntry.run(conversation, seq, at, low, kind, user, this.#names.ref(device), key, messages, own, body)
    if (!amending.has(kind)) return
    const { target } = JSON.parse(body) as { target: number }
    this.#amend.run(conversation, target, kind, kind === 'reaction' ? user : 0, seq)
    if (kind === 'delete') {
      this.#empty.run(conversation, target)
      this.#emptyEdits.run(conversation, target, target)
    }
  }

  #moveHead(conversation: number, seq: number, job: AppendJob): void {
    const head = this.#heads.of(conversation)
    const [messages, lastMessage, own] = job.head
    for (let i = 0; i < own.length; i += 2) head.own.set(this.#names.ref(own[i] as string), own[i + 1] as number)
    const [at, low] = job.entries.at(-1) as EntryTuple
    Object.assign(head, { seq, at, low, messages, lastMessage })
    this.#heads.save(conversation)
  }

  #place(conversation: number, job: AppendJob, seconds: number): number[] {
    return job.audiences.flatMap(([names, first, last]) => {
      const users = names.map((user) => this.#names.ref(user))
      return this.#journal.place({ users, conversation, first, last, body: null, seconds, fields: null })
    })
  }
}
