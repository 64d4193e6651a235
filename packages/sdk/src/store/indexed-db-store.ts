import type { User } from '@parley/protocol'
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb'
import type { OutboxItem, StoredConversation, StoredMessage, StoredSession } from './records.ts'
import type { Batch, MessageRange, Store, StoredState } from './store.ts'

type Meta = { key: 'session'; value: StoredSession } | { key: 'cursor'; value: string }

interface Schema extends DBSchema {
  meta: { key: string; value: Meta }
  conversations: { key: string; value: StoredConversation }
  messages: { key: [string, number]; value: StoredMessage }
  outbox: { key: number; value: OutboxItem }
  users: { key: string; value: User }
}

type Database = IDBPDatabase<Schema>

const version = 1
const storeNames = ['meta', 'conversations', 'messages', 'outbox', 'users'] as const
type Writing = IDBPTransaction<Schema, typeof storeNames, 'readwrite'>

/** The browser's database `name`. A tab that wants to use it while another does must not: see the Web Locks API. */
export function indexedDbStore(name: string): Store {
  let opened: Promise<Database> | undefined
  const database = (): Promise<Database> => {
    opened ??= open(name)
    return opened
  }
  return {
    load: async () => load(await database()),
    apply: async (batch) => apply(await database(), batch),
    messages: async (conversation, range) => messages(await database(), conversation, range),
    close: async () => (await opened)?.close(),
  }
}

function open(name: string): Promise<Database> {
  return openDB<Schema>(name, version, {
    upgrade(database) {
      database.createObjectStore('meta', { keyPath: 'key' })
      database.createObjectStore('conversations', { keyPath: 'id' })
      database.createObjectStore('messages', { keyPath: ['conversation', 'seq'] })
      database.createObjectStore('outbox', { keyPath: 'order' })
      database.createObjectStore('users', { keyPath: 'id' })
    },
  })
}

async function load(database: Database): Promise<StoredState> {
  const transaction = database.transaction(['meta', 'conversations', 'outbox', 'users'])
  const [session, cursor, conversations, outbox, users] = await Promise.all([
    transaction.objectStore('meta').get('session'),
    transaction.objectStore('meta').get('cursor'),
    transaction.objectStore('conversations').getAll(),
    transaction.objectStore('outbox').getAll(),
    transaction.objectStore('users').getAll(),
  ])
  return {
    session: session?.key === 'session' ? session.value : undefined,
    cursor: cursor?.key === 'cursor' ? cursor.value : undefined,
    conversations,
    outbox,
    users,
  }
}

async function apply(database: Database, batch: Batch): Promise<void> {
  // `strict`: it completes when it is on disk, not when it was handed to the system.
  const transaction = database.transaction(storeNames, 'readwrite', { durability: 'strict' })
  const requests: Promise<unknown>[] = [transaction.done]
  try {
    requests.push(...request(transaction, batch))
  } catch (error) {
    // Something that cannot be stored: nothing of the batch is.
    transaction.abort()
    await Promise.allSettled(requests)
    throw error
  }
  await Promise.all(requests)
}

/** Requests of a transaction are done in the order in which they are made. */
function* request(transaction: Writing, batch: Batch): Generator<Promise<unknown>> {
  const [meta, conversations] = [transaction.objectStore('meta'), transaction.objectStore('conversations')]
  const [messages, outbox] = [transaction.objectStore('messages'), transaction.objectStore('outbox')]
  const users = transaction.objectStore('users')
  if (batch.dropEntries || batch.dropAll) {
    yield conversations.clear()
    yield messages.clear()
    yield meta.delete('cursor')
  }
  if (batch.dropAll) {
    yield meta.clear()
    yield outbox.clear()
    yield users.clear()
  }
  for (const { conversation, before } of batch.cleared ?? []) {
    yield messages.delete(seqs(conversation, 0, before))
  }
  if (batch.session) yield meta.put({ key: 'session', value: batch.session })
  if (batch.cursor === null) yield meta.delete('cursor')
  else if (batch.cursor !== undefined) yield meta.put({ key: 'cursor', value: batch.cursor })
  for (const conversation of batch.conversations ?? []) yield conversations.put(conversation)
  for (const message of batch.messages ?? []) yield messages.put(message)
  for (const item of batch.outbox ?? []) yield outbox.put(item)
  for (const order of batch.settled ?? []) yield outbox.delete(order)
  for (const user of batch.users ?? []) yield users.put(user)
}

/** From `from` up to, not including, `before`. */
function seqs(conversation: string, from: number, before: number): IDBKeyRange {
  return IDBKeyRange.bound([conversation, from], [conversation, before], false, true)
}

async function messages(
  database: Database,
  conversation: string,
  { from, before, limit, oldest = false }: MessageRange,
): Promise<StoredMessage[]> {
  if (from >= before || limit <= 0) return []
  const range = seqs(conversation, from, before)
  if (oldest) return database.getAll('messages', range, limit)
  const found: StoredMessage[] = []
  let cursor = await database.transaction('messages').store.openCursor(range, 'prev')
  while (cursor && found.length < limit) {
    found.push(cursor.value)
    cursor = await cursor.continue()
  }
  return found.reverse()
}
