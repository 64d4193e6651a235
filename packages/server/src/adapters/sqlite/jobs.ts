import type { Statement, WriteOutcome } from './database.ts'
import type { JournalMove } from './queue-rows.ts'

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

export type Job = AppendJob | WriteJob | PutJob | IndexJob

export type AppendAnswer =
  /** Positions in order of audiences and their users. */
  | { status: 'appended'; positions: number[] }
  | { status: 'moved' }
  | { status: 'duplicate'; sends: [index: number, seq: number, at: number, low: number, fingerprint: string][] }

/** Positions in order of rows; or why nothing was done. */
export type PutAnswer = number[] | Extract<WriteOutcome, { stored: false }>

export type JobAnswer = AppendAnswer | WriteOutcome | PutAnswer

export interface ToWriter {
  type: 'commit'
  /** Wall clock of the caller, ms. */
  now: number
  jobs: Job[]
}

export type FromWriter =
  | { type: 'ready' }
  | { type: 'committed'; answers: JobAnswer[]; moved: JournalMove }
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
