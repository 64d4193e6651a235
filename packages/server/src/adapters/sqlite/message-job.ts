import { type FlatMessages, field, fieldsPerMessage } from './commit-wire.ts'
import type { Heads } from './heads.ts'
import type { AppendAnswer } from './jobs.ts'
import type { Journal } from './journal.ts'
import type { Names } from './names.ts'

/** Appends messages by way of the journal. Lives in the store thread, inside its transaction. */
export class MessageJobs {
  readonly #names
  readonly #heads
  readonly #journal

  constructor(names: Names, heads: Heads, journal: Journal) {
    this.#names = names
    this.#heads = heads
    this.#journal = journal
  }

  run({ conversation: name, expect, users, fields }: FlatMessages, seconds: number): AppendAnswer {
    const conversation = this.#names.ref(name)
    const sends: [number, number, number, number, string][] = []
    for (let start = 0; start < fields.length; start += fieldsPerMessage) {
      const sender = this.#names.ref(fields[start + field.sender] as string)
      fields[start + field.sender] = sender
      fields[start + field.device] = this.#names.ref(fields[start + field.device] as string)
      const key = fields[start + field.key]
      const found = key !== null && this.#journal.findSend(conversation, sender, key as string)
      if (found) sends.push([start / fieldsPerMessage, found.seq, found.at, found.low, found.fingerprint])
    }
    if (sends.length > 0) return { status: 'duplicate', sends }
    if (this.#heads.of(conversation).seq !== expect) return { status: 'moved' }
    this.#heads.extend(conversation, expect + 1, fields)
    const positions = this.#journal.place({
      users: users.map((user) => this.#names.ref(user)),
      conversation,
      first: expect + 1,
      last: expect + fields.length / fieldsPerMessage,
      body: null,
      seconds,
      fields,
    })
    return { status: 'appended', positions }
  }
}
