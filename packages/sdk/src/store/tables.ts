import type { ConversationId, User } from '@parley/protocol'
import type { OutboxItem, StoredConversation, StoredMessage, StoredSession } from './records.ts'
import type { Batch, MessageRange, StoredState } from './store.ts'

interface Messages {
  bySeq: Map<number, StoredMessage>
  /** Ascending; undefined when it must be made again. */
  seqs: number[] | undefined
}

/** The records of a device in memory. */
export class Tables {
  #session: StoredSession | undefined
  #cursor: string | undefined
  readonly #conversations = new Map<ConversationId, StoredConversation>()
  readonly #messages = new Map<ConversationId, Messages>()
  readonly #outbox = new Map<number, OutboxItem>()
  readonly #users = new Map<string, User>()

  apply(batch: Batch): void {
    if (batch.dropEntries || batch.dropAll) {
      this.#cursor = undefined
      this.#conversations.clear()
      this.#messages.clear()
    }
    if (batch.dropAll) {
      this.#session = undefined
      this.#outbox.clear()
      this.#users.clear()
    }
    for (const { conversation, before } of batch.cleared ?? []) this.#clear(conversation, before)
    if (batch.session) this.#session = batch.session
    if (batch.cursor !== undefined) this.#cursor = batch.cursor ?? undefined
    for (const conversation of batch.conversations ?? []) this.#conversations.set(conversation.id, conversation)
    for (const message of batch.messages ?? []) this.#putMessage(message)
    for (const item of batch.outbox ?? []) this.#outbox.set(item.order, item)
    for (const order of batch.settled ?? []) this.#outbox.delete(order)
    for (const user of batch.users ?? []) this.#users.set(user.id, user)
  }

  state(): StoredState {
    return {
      session: this.#session,
      cursor: this.#cursor,
      conversations: [...this.#conversations.values()],
      outbox: [...this.#outbox.values()].sort((a, b) => a.order - b.order),
      users: [...this.#users.values()],
    }
  }

  messages(conversation: ConversationId, { from, before, limit, oldest = false }: MessageRange): StoredMessage[] {
    const messages = this.#messages.get(conversation)
    if (!messages) return []
    messages.seqs ??= [...messages.bySeq.keys()].sort((a, b) => a - b)
    const { seqs, bySeq } = messages
    const end = firstAtLeast(seqs, before)
    const first = firstAtLeast(seqs, from)
    const start = oldest ? first : Math.max(first, end - limit)
    return seqs.slice(start, Math.max(start, Math.min(end, start + limit))).map((seq) => bySeq.get(seq)!)
  }

  /** Batches that make these records again, none with more than `size` messages. */
  *snapshot(size: number): Generator<Batch> {
    const { session, cursor, conversations, outbox, users } = this.state()
    yield { ...(session && { session }), ...(cursor !== undefined && { cursor }), conversations, outbox, users }
    for (const { bySeq } of this.#messages.values()) {
      const messages = [...bySeq.values()]
      for (let at = 0; at < messages.length; at += size) yield { messages: messages.slice(at, at + size) }
    }
  }

  #clear(conversation: ConversationId, before: number): void {
    const messages = this.#messages.get(conversation)
    if (!messages) return
    for (const seq of messages.bySeq.keys()) if (seq < before) messages.bySeq.delete(seq)
    messages.seqs = undefined
  }

  #putMessage(message: StoredMessage): void {
    const messages: Messages = this.#messages.get(message.conversation) ?? { bySeq: new Map(), seqs: [] }
    this.#messages.set(message.conversation, messages)
    if (!messages.bySeq.has(message.seq)) {
      const last = messages.seqs?.at(-1) ?? 0
      if (messages.seqs && message.seq > last) messages.seqs.push(message.seq)
      else messages.seqs = undefined
    }
    messages.bySeq.set(message.seq, message)
  }
}

/** Index of the first of ascending `seqs` that is at least `seq`. */
function firstAtLeast(seqs: readonly number[], seq: number): number {
  let low = 0
  let high = seqs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (seqs[middle]! < seq) low = middle + 1
    else high = middle
  }
  return low
}
