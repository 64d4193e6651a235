import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../lib/manual-clock.ts'
import type { FlatCommit } from './commit-wire.ts'
import { Commits } from './commits.ts'
import type { WriteJob } from './jobs.ts'
import { Recent } from './recent.ts'

const gather = 3

/** Commits whose store thread answers when it is told to; `posted`: how many jobs each commit had, and when it began. */
function open() {
  const clock = new ManualClock()
  const posted: { jobs: number; at: number }[] = []
  const slept: number[] = []
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const rest = { cell, prepare: () => {}, sleep: (ms: number) => void slept.push(ms) }
  const post = (commit: FlatCommit) => posted.push({ jobs: commit.length - 1, at: clock.monotonic() })
  const commits = new Commits({ post, clock, gather, recent: new Recent(), rest })
  const job: WriteJob = { type: 'write', statements: [] }
  const answer = (): void => {
    const count = posted.at(-1)?.jobs ?? 0
    commits.committed([false, false, ...Array.from({ length: count }, () => ({ stored: true as const, results: [] }))])
  }
  const outcome = (adding: Promise<unknown>): Promise<string> =>
    adding.then(
      () => 'stored',
      (error: Error) => error.message,
    )
  return { clock, posted, slept, commits, answer, add: () => outcome(commits.add(job)) }
}

describe('commits', () => {
  it('the first after a pause waits for nobody; the next begins no earlier than the gathering time after it', async () => {
    const { clock, posted, add, answer } = open()
    const first = add()
    await clock.advance(0)
    expect(posted).toEqual([{ jobs: 1, at: 0 }])
    answer()
    expect(await first).toBe('stored')
    const others = [add(), add()]
    await clock.advance(2)
    expect(posted).toHaveLength(1)
    await clock.advance(1)
    expect(posted.at(-1)).toEqual({ jobs: 2, at: gather })
    answer()
    expect(await Promise.all(others)).toEqual(['stored', 'stored'])
  })

  it('D1: one at a time; nothing is answered before its own commit', async () => {
    const { clock, posted, add, answer } = open()
    const done: string[] = []
    void add().then(() => done.push('first'))
    await clock.advance(0)
    void add().then(() => done.push('second'))
    await clock.advance(50)
    expect([posted.length, done]).toEqual([1, []])
    answer()
    await clock.advance(0)
    expect([posted.length, done]).toEqual([2, ['first']])
    answer()
    await clock.advance(0)
    expect(done).toEqual(['first', 'second'])
  })

  it('who waits for the moment is part of the commit that begins then', async () => {
    const { clock, posted, add, commits } = open()
    const adding = add()
    await clock.advance(0)
    let added: Promise<string> | undefined
    void commits.moment()?.then(() => {
      added = add()
    })
    await clock.advance(10)
    expect(added).toBeUndefined()
    commits.committed([false, false, { stored: true, results: [] }])
    await adding
    await clock.advance(0)
    expect(posted.map(({ jobs }) => jobs)).toEqual([1, 1])
    expect(added).toBeDefined()
  })

  it('what is held back while frozen is written when thawed, and refused when abandoned', async () => {
    const { clock, posted, add, answer, commits } = open()
    await commits.freeze()
    const held = add()
    await clock.advance(10)
    expect(posted).toEqual([])
    commits.thaw()
    await clock.advance(0)
    answer()
    expect(await held).toBe('stored')
    await commits.freeze()
    const refused = add()
    commits.abandon()
    expect(await refused).toContain('takes no writes any more')
    expect(await add()).toContain('takes no writes any more')
  })

  it('a refusal of the disk is told to those of its commit alone; after a break nobody is left waiting', async () => {
    const { clock, add, answer, commits } = open()
    const refused = add()
    await clock.advance(0)
    const next = add()
    commits.refused({ type: 'refused', code: 'SQLITE_FULL', message: 'full' })
    expect(await refused).toContain('does not take writes')
    await clock.advance(gather)
    answer()
    expect(await next).toBe('stored')
    const [underWay, moment] = [add(), commits.moment()]
    await clock.advance(gather)
    const waiting = add()
    commits.break('gone')
    await moment
    expect(await Promise.all([underWay, waiting, add()])).toEqual(Array(3).fill(expect.stringContaining('not take')))
    await commits.settled()
  })

  it('rests after a quiet turn for what is left of the gathering time, and not after a busy one', async () => {
    const { clock, add, slept, commits } = open()
    void add()
    await clock.advance(0)
    await clock.advance(0)
    slept.length = 0
    commits.rest(1)
    expect(slept).toEqual([gather])
    commits.rest(1000)
    expect(slept).toHaveLength(1)
  })
})
