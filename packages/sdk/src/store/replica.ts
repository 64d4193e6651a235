import type { ConversationId, User, UserId } from '@parley/protocol'
import type { ClientEvents } from '../client-events.ts'
import type { Emitter } from '../lib/emitter.ts'
import { ClosedError } from '../lib/errors.ts'
import { Serial } from '../lib/serial.ts'
import type { Observe } from '../observation.ts'
import type { Amending, OutboxItem, StoredConversation, StoredMessage, StoredSession } from './records.ts'
import type { MessageRange, Store } from './store.ts'
import { Transaction } from './transaction.ts'

/**
 * What this device knows: the small part in memory, all of it in the store. It changes in transactions, one after
 * the other: stored first, then seen, then told.
 */
export class Replica {
  readonly #store
  readonly #events
  readonly #observe
  readonly #serial = new Serial()
  #closed = false
  session: StoredSession | undefined
  cursor: string | undefined
  conversations = new Map<ConversationId, StoredConversation>()
  outbox = new Map<number, OutboxItem>()
  users = new Map<UserId, User>()
  /** What amended messages since each page of the history that is being read was asked for. */
  readonly pagesUnderWay = new Map<ConversationId, Set<Amending[]>>()

  private constructor(store: Store, events: Emitter<ClientEvents>, observe: Observe) {
    this.#store = store
    this.#events = events
    this.#observe = observe
  }

  static async open(store: Store, events: Emitter<ClientEvents>, observe: Observe): Promise<Replica> {
    const replica = new Replica(store, events, observe)
    const { session, cursor, conversations, outbox, users } = await store.load()
    replica.session = session
    replica.cursor = cursor
    for (const conversation of conversations) replica.conversations.set(conversation.id, conversation)
    for (const item of outbox) replica.outbox.set(item.order, item)
    for (const user of users) replica.users.set(user.id, user)
    return replica
  }

  /** When it resolves everything that `work` changed is durable; when it rejects nothing is changed. */
  transact<T>(work: (tx: Transaction) => T | Promise<T>): Promise<T> {
    return this.#serial.run(async () => {
      if (this.#closed) throw new ClosedError()
      const tx = new Transaction(this)
      const result = await work(tx)
      if (tx.changed) await this.#store.apply(tx.batch())
      tx.commit()
      for (const observation of tx.observed) this.#observe(observation)
      for (const tell of tx.told) tell(this.#events)
      return result
    })
  }

  messages(conversation: ConversationId, range: MessageRange): Promise<StoredMessage[]> {
    return this.#store.messages(conversation, range)
  }

  /** Waits for the transactions under way; there will be no other. */
  async close(): Promise<void> {
    await this.#serial.run(async () => {
      if (this.#closed) return
      this.#closed = true
      await this.#store.close()
    })
  }
}
