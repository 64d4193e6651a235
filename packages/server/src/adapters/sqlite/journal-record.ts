import { fieldsPerMessage, type MessageField } from './commit-wire.ts'

/** What was placed together: rows of queues, and the messages that they point at unless those are in their table. */
export interface JournalRecord {
  users: readonly number[]
  /** Of each user's row. */
  positions: readonly number[]
  conversation: number | null
  first: number | null
  last: number | null
  /** A small update as JSON. */
  body: string | null
  /** Time for trimming. */
  seconds: number
  /** Messages from `first` to `last`. */
  fields: readonly MessageField[] | null
}

/** As they lie in the table, a list of them in each row. */
type StoredRecord = [
  users: JournalRecord['users'],
  positions: JournalRecord['positions'],
  conversation: number | null,
  first: number | null,
  last: number | null,
  body: string | null,
  seconds: number,
  fields: JournalRecord['fields'],
]

export const formatRecords = (records: readonly JournalRecord[]): string => JSON.stringify(records.map(toStored))

export const parseRecords = (text: string): JournalRecord[] => (JSON.parse(text) as StoredRecord[]).map(toRecord)

/** Calls `visit` with the seq of each message of a record and where its fields begin. */
export function eachMessage(
  { first, fields }: Pick<JournalRecord, 'first' | 'fields'>,
  visit: (seq: number, start: number) => void,
): void {
  if (!fields || first === null) return
  for (let start = 0, seq = first; start < fields.length; start += fieldsPerMessage, seq++) visit(seq, start)
}

const toStored = (record: JournalRecord): StoredRecord => {
  const { users, positions, conversation, first, last, body, seconds, fields } = record
  return [users, positions, conversation, first, last, body, seconds, fields]
}

const toRecord = (stored: StoredRecord): JournalRecord => {
  const [users, positions, conversation, first, last, body, seconds, fields] = stored
  return { users, positions, conversation, first, last, body, seconds, fields }
}
