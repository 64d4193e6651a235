import { snowflakeLow } from '../../log/snowflake-parts.ts'
import type { AppendAnswer, Job, JobAnswer, JournalMove, MessagesJob } from './jobs.ts'

/**
 * What of a message is handed to the store thread, in this order:
 * at, low, sender, device, clientMessageId, fingerprint, messages, own, body.
 * There sender and device are replaced by their numbers, and so they stand in the journal.
 */
export const fieldsPerMessage = 9
export const field = {
  at: 0,
  low: 1,
  sender: 2,
  device: 3,
  key: 4,
  fingerprint: 5,
  messages: 6,
  own: 7,
  body: 8,
} as const
export type MessageField = string | number | null

/** A `MessagesJob` as the store thread has it. */
export interface FlatMessages {
  type: 'messages'
  conversation: string
  expect: number
  users: string[]
  fields: MessageField[]
}

type SlowJob = Exclude<Job, MessagesJob>

/**
 * A group of jobs, all in one array: a structured clone of many small objects costs more than everything else that
 * happens to a message. First the wall clock in ms; a message job is its conversation, `expect`, the number of users,
 * they, the number of fields, they; any other is an object.
 */
export type FlatCommit = (MessageField | SlowJob)[]

/** [begun, done] of the journal, then for each job its answer; of a message job that was stored the positions alone. */
export type FlatAnswers = [begun: boolean, done: boolean, ...answers: (number | JobAnswer)[]]

export function encodeCommit(now: number, jobs: readonly Job[]): FlatCommit {
  const flat: FlatCommit = [now]
  for (const job of jobs) {
    if (job.type === 'messages') encodeMessages(job, flat)
    else flat.push(job)
  }
  return flat
}

function encodeMessages({ conversation, expect, users, entries }: MessagesJob, flat: FlatCommit): void {
  flat.push(conversation, expect, users.length)
  for (const user of users) flat.push(user)
  flat.push(entries.length * fieldsPerMessage)
  for (const { at, id, sender, device, clientMessageId, fingerprint, messages, own, body } of entries) {
    const low = snowflakeLow(id)
    flat.push(at, low, sender, device, clientMessageId ?? null, fingerprint ?? null, messages, own, body)
  }
}

export function decodeCommit(flat: FlatCommit): { now: number; jobs: (FlatMessages | SlowJob)[] } {
  const jobs: (FlatMessages | SlowJob)[] = []
  for (let at = 1; at < flat.length; ) {
    const start = flat[at]
    if (typeof start !== 'string') {
      jobs.push(start as SlowJob)
      at++
      continue
    }
    const firstUser = at + 3
    const count = firstUser + (flat[at + 2] as number)
    const end = count + 1 + (flat[count] as number)
    jobs.push({
      type: 'messages',
      conversation: start,
      expect: flat[at + 1] as number,
      users: flat.slice(firstUser, count) as string[],
      fields: flat.slice(count + 1, end) as MessageField[],
    })
    at = end
  }
  return { now: flat[0] as number, jobs }
}

export function encodeAnswers(
  jobs: readonly { type: Job['type'] }[],
  answers: readonly JobAnswer[],
  { begun, done }: JournalMove,
): FlatAnswers {
  const flat: FlatAnswers = [begun, done]
  for (const [index, answer] of answers.entries()) {
    if (jobs[index]?.type === 'messages' && 'positions' in answer) {
      for (const position of answer.positions) flat.push(position)
    } else flat.push(answer)
  }
  return flat
}

export function decodeAnswers(flat: FlatAnswers, jobs: readonly Job[]): { answers: JobAnswer[]; moved: JournalMove } {
  const answers: JobAnswer[] = []
  let at = 2
  for (const job of jobs) {
    const first = flat[at] as number | JobAnswer
    if (job.type === 'messages' && typeof first === 'number') {
      const end = at + job.users.length
      answers.push({ status: 'appended', positions: flat.slice(at, end) as number[] } satisfies AppendAnswer)
      at = end
    } else {
      answers.push(first as JobAnswer)
      at++
    }
  }
  return { answers, moved: { begun: flat[0], done: flat[1] } }
}
