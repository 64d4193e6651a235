import type { User } from '@parley/protocol'
import { Dexie, type Table } from 'dexie'
import type { OutboxItem, StoredConversation, StoredMessage, StoredSession } from './records.ts'
import type { Batch, MessageRange, Store, StoredState } from './store.ts'

type Meta = { key: 'session'; value: StoredSession } | { key: 'cursor'; value: string }

class Database extends Dexie {
  readonly meta!: Table<Meta, string>
  readonly conversations!: Table<StoredConversation, string>
  readonly messages!: Table<StoredMessage, [string, number]>
  readonly outbox!: Table<OutboxItem, number>
  readonly users!: Table<User, string>

  constructor(name: string) {
    // `strict`: a transaction completes when it is on disk, not when it was handed to the system.
    super(name, { chromeTransactionDurability: 'strict' })
    this.version(1).stores({
      meta: 'key',
      conversations: 'id',
      messages: '[conversation+seq]',
      outbox: 'order',
      users: 'id',
    })
  }
}

/** The browser's database `name`. A tab that wants to use it while another does must not: see the Web Locks API. */
export function indexedDbStore(name: string): Store {
  const database = new Database(name)
  return {
    load: () => load(database),
    apply: (batch) => apply(database, batch),
    messages: (conversation, range) => messages(database, conversation, range),
    close: async () => database.close(),
  }
}

async function load(database: Database): Promise<StoredState> {
  const { meta, conversations, outbox, users } = database
  return database.transaction('r', [meta, conversations, outbox, users], async () => {
    const session = await meta.get('session')
    const cursor = await meta.get('cursor')
    return {
      session: session?.key === 'session' ? session.value : undefined,
      cursor: cursor?.key === 'cursor' ? cursor.value : undefined,
      conversations: await conversations.toArray(),
      outbox: await outbox.orderBy('order').toArray(),
      users: await users.toArray(),
    }
  })
}

async function apply(database: Database, batch: Batch): Promise<void> {
  const { meta, conversations, messages, outbox, users } = database
  await database.transaction('rw', [meta, conversations, messages, outbox, users], async () => {
    if (batch.dropEntries || batch.dropAll) {
      await Promise.all([conversations.clear(), messages.clear(), meta.delete('cursor')])
    }
    if (batch.dropAll) await Promise.all([meta.clear(), outbox.clear(), users.clear()])
    for (const { conversation, before } of batch.cleared ?? []) {
      await messages
        .where('[conversation+seq]')
        .between([conversation, Dexie.minKey], [conversation, before], true, false)
        .delete()
    }
    const puts: PromiseLike<unknown>[] = []
    if (batch.session) puts.push(meta.put({ key: 'session', value: batch.session }))
    if (batch.cursor === null) puts.push(meta.delete('cursor'))
    else if (batch.cursor !== undefined) puts.push(meta.put({ key: 'cursor', value: batch.cursor }))
    if (batch.conversations) puts.push(conversations.bulkPut(batch.conversations))
    if (batch.messages) puts.push(messages.bulkPut(batch.messages))
    if (batch.outbox) puts.push(outbox.bulkPut(batch.outbox))
    if (batch.settled) puts.push(outbox.bulkDelete(batch.settled))
    if (batch.users) puts.push(users.bulkPut(batch.users))
    await Promise.all(puts)
  })
}

async function messages(
  database: Database,
  conversation: string,
  { from, before, limit, oldest = false }: MessageRange,
): Promise<StoredMessage[]> {
  if (from >= before) return []
  const range = database.messages
    .where('[conversation+seq]')
    .between([conversation, from], [conversation, before], true, false)
  if (oldest) return range.limit(limit).toArray()
  return (await range.reverse().limit(limit).toArray()).reverse()
}
