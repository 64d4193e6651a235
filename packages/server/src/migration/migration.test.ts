import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MarkStore } from '../cluster/mark-store.ts'
import { systemClock } from '../lib/clock.ts'
import { AppError, unavailable } from '../lib/errors.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import type { Change, ChangeLog } from './change-log.ts'
import { Migration, type MigrationEvent } from './migration.ts'
import { Comparison, type Move } from './move.ts'
import { readMoveState } from './move-state.ts'
import type { Departure, MovedServer } from './moved-server.ts'

/** A server with one kind of data, numbers by name, and what it may do wrong. */
class TestServer implements MovedServer, ChangeLog {
  readonly data = new Map<string, number>()
  changes: Change[] = []
  name: string | undefined
  frozen: string | undefined
  departure: Departure | undefined
  /** Every freeze, thaw and leave. */
  readonly deeds: string[] = []
  /** Called where somebody may meddle. */
  at: (point: 'frozen' | 'leaving' | 'left') => void = () => {}

  write(key: string, value: number): void {
    if (this.frozen || this.departure) throw new Error('nothing is written now')
    this.data.set(key, value)
    if (this.name) this.changes.push({ kind: 'accounts', key })
  }

  async watch(name: string): Promise<void> {
    this.name ??= name
  }

  async watching(): Promise<string | undefined> {
    return this.name
  }

  async unwatch(): Promise<void> {
    this.name = undefined
  }

  async forget(): Promise<void> {}

  async since(mark: number, limit: number): Promise<{ changes: Change[]; mark: number }> {
    const changes = this.changes.slice(mark, mark + limit)
    return { changes, mark: mark + changes.length }
  }

  async head(): Promise<number> {
    return this.changes.length
  }

  async freeze(): Promise<string> {
    this.deeds.push('freeze')
    this.frozen = `freeze ${this.deeds.length}`
    this.at('frozen')
    return this.frozen ?? 'over already'
  }

  async thaw(): Promise<void> {
    this.deeds.push('thaw')
    this.frozen = undefined
  }

  async leave(freeze: string, departure: Departure): Promise<void> {
    this.at('leaving')
    if (this.frozen !== freeze) throw new AppError('conflict', 'The freeze is over.')
    this.deeds.push('leave')
    this.departure = departure
    this.at('left')
  }
}

class TestMove implements Move {
  readonly kind = 'accounts'
  readonly keysAre = 'users'
  readonly target = new Map<string, number>()
  readonly #server
  /** Called with every write there. */
  onCopy: () => void = () => {}
  /** Copies something else than there is. */
  wrong: string | undefined

  constructor(server: TestServer) {
    this.#server = server
  }

  async page(after: string | undefined, limit: number) {
    const all = [...this.#server.data.keys()].sort().filter((key) => key > (after ?? ''))
    const keys = all.slice(0, limit)
    return { keys, next: all.length > limit ? keys.at(-1) : undefined }
  }

  async copy(keys: readonly string[]): Promise<number> {
    for (const key of keys) {
      this.onCopy()
      this.target.set(key, key === this.wrong ? -1 : (this.#server.data.get(key) ?? 0))
    }
    return keys.length
  }

  async compare(keys: readonly string[]): Promise<Map<string, Comparison>> {
    return new Map(
      keys.map((key) => {
        const comparison = new Comparison()
        comparison.source.add(this.#server.data.get(key))
        comparison.target.add(this.target.get(key))
        return [key, comparison]
      }),
    )
  }
}

class TestMarks implements MarkStore {
  readonly marks = new Map<string, string>()

  async get(name: string): Promise<string | undefined> {
    return this.marks.get(name)
  }

  async set(name: string, value: string): Promise<void> {
    this.marks.set(name, value)
  }
}

function world(keys = 500) {
  const server = new TestServer()
  for (let n = 0; n < keys; n++) server.write(`user-${n}`, n)
  const [move, marks] = [new TestMove(server), new TestMarks()]
  const events: MigrationEvent[] = []
  let starts = 0
  /** What a process does that is started now. */
  const start = (clock = systemClock) =>
    new Migration({
      moves: [move],
      server,
      changes: server,
      marks,
      hasLeft: () => server.departure !== undefined,
      places: () => [{ url: 'http://new', link: 'http://new' }],
      to: 'the cluster',
      conclude: async () => {},
      clock,
      random: seededRandom(++starts),
      tell: (event) => events.push(event),
    })
  const run = async (clock = systemClock) => {
    const migration = start(clock)
    await migration.copy()
    return migration.cutOver(await migration.compare())
  }
  return { server, move, marks, events, start, run }
}

/** Sleeps take no time. */
const hasty = { ...systemClock, after: (_: number, then: () => void) => systemClock.after(0, then) }

describe('a service on its way from one process', () => {
  it('is copied, compared and left in one freeze; nodes that wait see that it is not complete before', async () => {
    const { server, move, marks, run } = world()
    const { verified, verifiedFrozen } = await run()
    expect(move.target).toEqual(server.data)
    expect(server.deeds).toEqual(['freeze', 'leave'])
    expect(server.departure).toMatchObject({ to: 'the cluster', nodes: [{ url: 'http://new' }] })
    expect(verified).toMatchObject([{ kind: 'accounts', keys: 500, rows: 500, open: 0 }])
    expect(verified[0]?.source).toBe(verified[0]?.target)
    expect(verifiedFrozen).toMatchObject([{ open: 0 }])
    expect(await readMoveState(marks)).toMatchObject({ state: 'filling' })
  })

  it('goes on meanwhile: what changes after it was copied is brought behind it', async () => {
    const { server, move, run } = world()
    let writes = 0
    move.onCopy = () => {
      if (writes++ < 2_000) server.write(`user-${writes % 700}`, writes)
    }
    await run()
    expect(move.target).toEqual(server.data)
    expect(server.data.size).toBe(700)
  })

  it('is not held up long: a freeze in which too much is left is ended, and tried again', async () => {
    const { server, move, events, run } = world()
    let time = 0
    const clock = { ...hasty, now: () => time, monotonic: () => time }
    let slow = 2
    server.at = (point) => {
      if (point !== 'frozen' || slow-- <= 0) return
      time += 5_000
    }
    await run(clock)
    expect(server.deeds).toEqual(['freeze', 'thaw', 'freeze', 'thaw', 'freeze', 'leave'])
    expect(events.filter(({ step }) => step === 'freeze over')).toHaveLength(2)
    expect(move.target).toEqual(server.data)
  })

  it('stays where it is when anything is not there as it is here', async () => {
    const { server, move, run } = world()
    move.wrong = 'user-77'
    await expect(run()).rejects.toThrow('What was moved is not as it is here: accounts user-77.')
    expect(server.deeds).toEqual(['freeze', 'thaw'])
    expect(server.departure).toBeUndefined()
  })

  it('the folder has the last word when the answer to the last step is lost', async () => {
    const { server, run } = world()
    server.at = (point) => {
      if (point === 'left') throw unavailable('the answer is lost')
    }
    await run(hasty)
    expect(server.departure).toBeDefined()
    expect(server.deeds).toEqual(['freeze', 'leave'])

    const other = world()
    let lost = 1
    other.server.at = (point) => {
      if (point === 'leaving' && lost-- > 0) throw unavailable('the request is lost')
    }
    await other.run(hasty)
    expect(other.server.deeds).toEqual(['freeze', 'thaw', 'freeze', 'leave'])
  })

  it('is not left in a freeze that ended by itself', async () => {
    const { server, move, run } = world()
    let over = 1
    server.at = (point) => {
      if (point !== 'leaving' || over-- <= 0) return
      server.frozen = undefined
      server.write('user-3', 99)
    }
    await run(hasty)
    expect(server.deeds).toEqual(['freeze', 'thaw', 'freeze', 'leave'])
    expect(move.target.get('user-3')).toBe(99)
  })

  it('is taken up where another process stopped, and from the beginning when changes were not written down', async () => {
    const { server, move, start } = world(1_000)
    let copies = 0
    move.onCopy = () => {
      if (++copies === 650) throw new Error('killed')
    }
    await expect(start().copy()).rejects.toThrow('killed')
    copies = 1_000
    await start().copy()
    // Pages of 200 keys: three were whole.
    expect(copies).toBe(1_000 + 400)
    await server.unwatch()
    server.changes = []
    server.write('user-5', 55)
    await start().copy()
    expect(copies).toBe(1_000 + 400 + 1_000)
    expect(move.target).toEqual(server.data)
  })

  it('waits for engines that are away, but not in a freeze', async () => {
    const { server, move, run } = world()
    let failures = 0
    move.onCopy = () => {
      if (server.frozen ? failures < 8 : failures < 5) {
        failures++
        throw unavailable('an engine is away')
      }
    }
    let writes = 3
    server.at = (point) => {
      if (point !== 'frozen' || writes-- <= 0) return
      // Just before it froze.
      server.frozen = undefined
      server.write('user-1', writes)
      server.frozen = `freeze ${server.deeds.length}`
    }
    await run(hasty)
    expect(failures).toBe(8)
    expect(server.deeds.join()).toBe('freeze,thaw,freeze,thaw,freeze,thaw,freeze,leave')
    expect(move.target).toEqual(server.data)
  })

  it('is not moved into what is in use', async () => {
    const { marks, start } = world()
    await marks.set('move', JSON.stringify({ state: 'open', watch: 'another' }))
    await expect(start().copy()).rejects.toThrow('in use already')
  })

  it('whatever changes and whenever it is killed: in the end it is the same', async () => {
    const plans = fc.record({
      writes: fc.array(fc.tuple(fc.nat(40), fc.nat(1_000)), { maxLength: 60 }),
      deaths: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(plans, async ({ writes, deaths }) => {
        const { server, move, run } = world(20)
        const left = [...writes]
        let calls = 0
        let death = Number.POSITIVE_INFINITY
        move.onCopy = () => {
          const next = server.frozen ? undefined : left.shift()
          if (next) server.write(`user-${next[0]}`, next[1])
          if (++calls === death) throw new Error('killed')
        }
        for (death of deaths) {
          calls = 0
          if (server.departure) break
          await run(hasty).catch((error: Error) => {
            if (error.message !== 'killed') throw error
          })
        }
        death = Number.POSITIVE_INFINITY
        if (!server.departure) await run(hasty)
        expect(move.target).toEqual(server.data)
      }),
      { numRuns: 300 },
    )
  })
})
