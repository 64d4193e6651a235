import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewEntry } from '../../log/conversation-log.ts'
import { composeSnowflake } from '../../log/snowflake-parts.ts'
import { decodeAnswers, decodeCommit, encodeAnswers, encodeCommit, type FlatMessages } from './commit-wire.ts'
import { openForWriting } from './connection.ts'
import { Heads } from './heads.ts'
import type { AppendJob, Job, JobAnswer, MessagesJob, PutJob } from './jobs.ts'
import { Journal } from './journal.ts'
import { MessageJobs } from './message-job.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { Names } from './names.ts'
import { Recent } from './recent.ts'

const limits = { rows: 60, seconds: 2, slices: 8, slice: 4 }
const users = Array.from({ length: 12 }, (_, index) => `user${index}`)
const conversations = ['a', 'b', 'c']

/** A message to some users, a small update to some, or something that wants all of the conversation in its table. */
type Act =
  | { do: 'say'; conversation: string; times: number; members: string[] }
  | { do: 'tell'; members: string[] }
  | { do: 'settle'; conversation: string }

/** The store thread's journal and what the main thread knows of it, over a file in memory. */
function openJournal() {
  const database = openForWriting(':memory:')
  migrate(database, migrations)
  let [names, heads] = [new Names(database), new Heads(database)]
  let journal = new Journal(database, heads, limits)
  const recent = new Recent()
  /** What was said and told, as it must be found. */
  const said = new Map<string, string[]>()
  const told = new Map<string, number>()
  let seconds = 0
  let count = 0

  const message = (conversation: string, seq: number): NewEntry => {
    const at = 1_750_000_000_000 + ++count
    const [device, clientMessageId, fingerprint] = ['phone', `m${count}`, 'ab'.repeat(32)]
    const body = `{"content":{"text":"${count}"}}`
    const id = composeSnowflake(at, 7)
    const kind = 'message'
    const sender = 'user0'
    return {
      ...{ conversation, seq, id, kind, sender, device, clientMessageId, fingerprint, at },
      ...{ messages: seq, own: seq, body },
    }
  }
  const jobOf = (act: Act, lengths: Map<string, number>): Job => {
    if (act.do === 'tell') return { type: 'put', rows: act.members.map((user) => [user, 'x']), statements: [] }
    const { conversation } = act
    const expect = lengths.get(conversation) ?? 0
    if (act.do === 'settle') {
      return {
        type: 'append',
        conversation,
        expect,
        entries: [],
        head: [0, 0, []],
        audiences: [],
        projection: undefined,
      }
    }
    lengths.set(conversation, expect + act.times)
    const entries = Array.from({ length: act.times }, (_, index) => message(conversation, expect + 1 + index))
    return { type: 'messages', conversation, expect, entries, users: act.members }
  }
  const run = (job: FlatMessages | Exclude<Job, MessagesJob>): JobAnswer => {
    if (job.type === 'messages') return new MessageJobs(names, heads, journal).run(job, seconds)
    if (job.type === 'append') {
      journal.settle(names.ref(job.conversation))
      return { status: 'appended', positions: [] }
    }
    const update = { conversation: null, first: null, last: null, fields: null, seconds }
    return (job as PutJob).rows.flatMap(([user, body]) => [
      ...journal.place({ ...update, users: [names.ref(user)], body }),
    ])
  }
  const texts = (conversation: string): string[] => said.get(conversation) ?? []
  const storedTexts = database
    .prepare<[number, number], string>('SELECT body FROM entries WHERE conversation = ? AND seq < ? ORDER BY seq')
    .pluck()
  const storedPositions = database
    .prepare<[number], number>('SELECT position FROM queue WHERE user = ? ORDER BY position')
    .pluck()

  return {
    commit(acts: readonly Act[], refused: boolean): void {
      seconds += 0.1
      const lengths = new Map(conversations.map((one) => [one, texts(one).length]))
      const jobs = acts.map((act) => jobOf(act, lengths))
      database.exec('BEGIN')
      const flat = structuredClone(encodeCommit(seconds * 1000, jobs))
      const decoded = decodeCommit(flat).jobs
      const results = decoded.map(run)
      const answered = structuredClone(encodeAnswers(decoded, results, journal.commit(seconds)))
      if (refused) {
        database.exec('ROLLBACK')
        names.forget()
        journal.reload()
        return
      }
      database.exec('COMMIT')
      const { answers, moved } = decodeAnswers(answered, jobs)
      recent.committed(jobs, answers, moved)
      for (const job of jobs) {
        if (job.type === 'messages') {
          said.set(job.conversation, [...texts(job.conversation), ...job.entries.map(({ body }) => body)])
          for (const user of job.users) told.set(user, (told.get(user) ?? 0) + 1)
        } else if (job.type === 'put') for (const [user] of job.rows) told.set(user, (told.get(user) ?? 0) + 1)
      }
      for (const job of jobs.filter((one): one is AppendJob => one.type === 'append')) {
        // It was the last of its conversation in this commit.
        if (lastOf(jobs, job.conversation) === job) expect(recent.messages(job.conversation)).toEqual([])
      }
    },
    /** Another process starts on the file. */
    restart(): void {
      names = new Names(database)
      heads = new Heads(database)
      journal = new Journal(database, heads, limits)
      journal.moveAll()
    },
    check(): void {
      for (const conversation of conversations) {
        const late = recent.messages(conversation)
        const early = storedTexts.all(names.ref(conversation), late[0]?.seq ?? Number.MAX_SAFE_INTEGER)
        expect([...early, ...late.map(({ body }) => body)]).toEqual(texts(conversation))
        const head = heads.of(names.ref(conversation))
        expect([head.seq, head.messages, head.lastMessage]).toEqual(Array(3).fill(texts(conversation).length))
      }
      for (const user of users) {
        const stored = storedPositions.all(names.ref(user))
        const late = recent.behind(user, stored.at(-1) ?? 0).map(([position]) => position)
        expect([...stored, ...late]).toEqual(Array.from({ length: told.get(user) ?? 0 }, (_, index) => index + 1))
      }
    },
    /** What is in the tables alone. */
    inTables: (conversation: string) => storedTexts.all(names.ref(conversation), Number.MAX_SAFE_INTEGER),
    journalRows: () => database.prepare<[], number>('SELECT count(*) FROM journal').pluck().get(),
    head: (conversation: string) =>
      database.prepare('SELECT seq, own FROM heads WHERE conversation = ?').get(names.ref(conversation)),
    texts,
    findSend: (key: string) => journal.findSend(names.ref('a'), names.ref('user0'), key),
  }
}

function lastOf(jobs: readonly Job[], conversation: string): Job | undefined {
  return jobs.findLast((job) => 'conversation' in job && job.conversation === conversation)
}

const members = fc.uniqueArray(fc.constantFrom(...users), { minLength: 1 })
const conversation = fc.constantFrom(...conversations)
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('say'), conversation, times: fc.integer({ min: 1, max: 5 }), members }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tell'), members }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settle'), conversation }) },
)
const commit = fc.record({
  acts: fc.array(act, { minLength: 1, maxLength: 4 }),
  refused: fc.boolean(),
})

describe('the journal', () => {
  it('each message and row is in its table or at hand, whatever is moved, settled and refused', () => {
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 40 }), (commits) => {
        const journal = openJournal()
        for (const { acts, refused } of commits) {
          journal.commit(acts, refused)
          journal.check()
        }
        journal.restart()
        for (const one of conversations) expect(journal.inTables(one)).toEqual(journal.texts(one))
        expect(journal.journalRows()).toBe(0)
      }),
      { numRuns: 150 },
    )
  })

  it('after a crash half way through a move everything is there once, and goes on where it was', () => {
    const journal = openJournal()
    const all = { do: 'say' as const, members: users, times: 2 }
    for (let time = 0; time < 8; time++)
      journal.commit(
        [
          { ...all, conversation: 'a' },
          { ...all, conversation: 'b' },
        ],
        false,
      )
    const moved = journal.inTables('a').length
    expect(moved).toBeGreaterThan(0)
    expect(moved).toBeLessThan(16)
    journal.restart()
    expect(journal.inTables('a')).toEqual(journal.texts('a'))
    expect(journal.head('a')).toMatchObject({ seq: 16 })
    journal.commit([{ ...all, conversation: 'a' }], false)
    journal.restart()
    expect(journal.inTables('a')).toHaveLength(18)
    expect(journal.head('a')).toMatchObject({ seq: 18 })
  })

  it('D2: a send is known again in the same commit, while it waits, while it is moved, and after', () => {
    const journal = openJournal()
    const say = { do: 'say' as const, conversation: 'a', times: 1, members: ['user0'] }
    journal.commit([say], true)
    expect(journal.findSend('m1')).toBeUndefined()
    journal.commit([say], false)
    expect(journal.findSend('m2')).toMatchObject({ seq: 1, fingerprint: 'ab'.repeat(32) })
    for (let time = 0; time < 80; time++) {
      journal.commit([say], false)
      expect(journal.findSend('m2')).toMatchObject({ seq: 1 })
    }
    expect(journal.inTables('a').length).toBeGreaterThan(40)
    journal.restart()
    expect(journal.findSend('m2')).toMatchObject({ seq: 1 })
  })
})
