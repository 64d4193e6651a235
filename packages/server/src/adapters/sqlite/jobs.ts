import type { NewEntry } from '../../log/conversation-log.ts'
import type { Statement, WriteOutcome } from './database.ts'

/** An entry on its way to the store thread; a tuple, because tuples are cheap to hand between threads. */
export type EntryTuple = [
  at: number,
  low: number,
  kind: string,
  sender: string,
  device: string,
  clientMessageId: string | null,
  fingerprint: string | null,
  messages: number,
  own: number,
  body: string,
]

/** Messages of one conversation for one audience: nearly every append. They are kept in the journal at first. */
export interface MessagesJob {
  type: 'messages'
  conversation: string
  expect: number
  entries: readonly NewEntry[]
  users: readonly string[]
}

/** Any entries. They are stored in their tables at once, and all that waits of the conversation before them. */
export interface AppendJob {
  type: 'append'
  conversation: string
  expect: number
  entries: EntryTuple[]
  /** [messages, lastMessage, changed counts as sender, count, sender, count…] */
  head: [messages: number, lastMessage: number, own: (string | number)[]]
  audiences: [users: readonly string[], from: number, to: number][]
  /** Statements that follow from the entries. */
  projection: Statement[] | undefined
}

export interface WriteJob {
  type: 'write'
  statements: readonly Statement[]
}

/** Appends small updates to queues: [user, body as JSON] pairs. `statements` are what they tell of. */
export interface PutJob {
  type: 'put'
  rows: [user: string, body: string][]
  statements: readonly Statement[]
}

/** Replaces or (text null) removes documents of the search, and moves the indexer's position. */
export interface IndexJob {
  type: 'index'
  documents: [conversation: string, seq: number, id: string, text: string | null][]
  position: string | undefined
}

/** From now on messages are stored in their tables at once (`on`), for who reads them in another process; or not so. */
export interface WriteThroughJob {
  type: 'write-through'
  on: boolean
}

export type Job = MessagesJob | AppendJob | WriteJob | PutJob | IndexJob | WriteThroughJob

export type AppendAnswer =
  /** Positions in order of audiences and their users. */
  | { status: 'appended'; positions: readonly number[] }
  | { status: 'moved' }
  | { status: 'duplicate'; sends: [index: number, seq: number, at: number, low: number, fingerprint: string][] }

/** Positions in order of rows; or why nothing was done. */
export type PutAnswer = number[] | Extract<WriteOutcome, { stored: false }>

export type JobAnswer = AppendAnswer | WriteOutcome | PutAnswer

/** What a commit did to the journal. */
export interface JournalMove {
  /** What lies in the journal now, and nothing after it, is on its way to its tables. */
  begun: boolean
  /** What was on its way is there, and no more in the journal. */
  done: boolean
}

export type WriterTrouble =
  /** Nothing of the group was stored, and the disk said so: full, read-only. Try again later. */
  | { type: 'refused'; code: string; message: string }
  /** Whether the group was stored is not known: the process must end. */
  | { type: 'broken'; code: string; message: string }

export interface ReadRequest {
  sql: string
  params: readonly unknown[]
  /** Rows as arrays of columns instead of objects. */
  raw: boolean
}

export type ToReader = { ids: number[]; requests: ReadRequest[][] }
export type FromReader =
  | { type: 'ready' }
  | { type: 'rows'; ids: number[]; answers: ({ rows: unknown[][] } | { error: string })[] }
