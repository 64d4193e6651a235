import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Event } from '../delivery/event.ts'
import { unavailable } from '../lib/errors.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { Turns } from '../lib/turns.ts'
import { type Cursor, CursorFormat } from './cursor.ts'
import { QueueReader } from './queue-reader.ts'
import type { QueuePage, QueueRow, SyncQueue } from './sync-queue.ts'

/** An event that says which update of which row it is. */
const eventOf = (row: number, index: number): Event => ({
  json: () => `${row}.${index}`,
  frameEnd: () => Buffer.from(''),
  size: 10,
  update: () => ({ kind: 'hidden', conversation: 'c', target: row }),
  message: undefined,
  id: '',
  entry: undefined,
})

/** A queue whose row n holds so many updates, undefined for those that are not this reader's; reads may fail. */
class ModelQueue {
  readonly rows: boolean[][] = []
  failing = 0

  append(updates: boolean[]): number {
    this.rows.push(updates)
    return this.rows.length
  }

  eventsOf(row: number): (Event | undefined)[] {
    return (this.rows[row - 1] ?? []).map((mine, index) => (mine ? eventOf(row, index) : undefined))
  }

  /** What a device is entitled to, in order. */
  get entitled(): string[] {
    return this.rows.flatMap((_, index) => this.eventsOf(index + 1).flatMap((event) => (event ? [event.json('')] : [])))
  }

  async read(_user: string, after: string, limit: number): Promise<QueuePage> {
    if (this.failing > 0) {
      this.failing--
      throw unavailable('The queue is away.')
    }
    const from = Number(after)
    const end = Math.min(this.rows.length, from + limit)
    const rows: QueueRow[] = []
    for (let row = from + 1; row <= end; row++) {
      const pointer = { kind: 'update' as const, update: '' }
      rows.push({ position: String(row), before: String(row - 1), pointer })
    }
    return { rows, next: String(end), complete: end === this.rows.length }
  }
}

const cursorAt = ({ after, given }: Pick<Cursor, 'after' | 'given'>): Cursor => ({
  after,
  given,
  low: after,
  above: '',
  mark: undefined,
})

function open(queue: ModelQueue, window: number, cursor: Pick<Cursor, 'after' | 'given'>) {
  const clock = new ManualClock()
  const given: { cursor: string; what: string }[] = []
  const state = { outstanding: 0, live: 0, most: 0 }
  const cursors = new CursorFormat('e', (text) => /^\d+$/.test(text))
  const port = {
    read: queue.read.bind(queue),
    follows: (position: string, place: string) => Number(place) === Number(position) + 1,
    compare: (a: string, b: string) => Number(a) - Number(b),
  } as unknown as SyncQueue
  const expander = {
    expand: async (_: string, rows: readonly QueueRow[]) => rows.map((row) => queue.eventsOf(Number(row.position))),
  }
  const reader = new QueueReader(
    { queue: port, expander, cursors, clock, turns: new Turns(1) },
    'u',
    cursorAt(cursor),
    {
      room: () => window - state.outstanding,
      event: (at, event) => {
        state.outstanding++
        state.most = Math.max(state.most, state.outstanding)
        given.push({ cursor: at, what: event.json('') })
      },
      live: () => state.live++,
      tooOld: () => {
        throw new Error('nothing is trimmed')
      },
    },
  )
  reader.start()
  return { clock, reader, given, state, cursors }
}

const updates = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 })
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), updates, hint: fc.boolean() }) },
  fc.record({ do: fc.constant('late hint' as const), row: fc.nat(30) }),
  fc.record({ do: fc.constant('ack' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ do: fc.constant('heal' as const) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ticks: fc.nat(6) }) },
)

const ticks = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve()
}

describe('reader of a queue', () => {
  it('Y2, Y3, S2: every update once, in order, never beyond the window, whatever hints are lost, late or early', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(updates, { maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 40 }),
        fc.nat(),
        async (backlog, window, steps, cut) => {
          const queue = new ModelQueue()
          for (const row of backlog) queue.append(row)
          const { clock, reader, given, state, cursors } = open(queue, window, { after: '0', given: 0 })
          const acknowledge = (count: number) => {
            state.outstanding = Math.max(0, state.outstanding - count)
            reader.resume()
          }
          for (const one of steps) {
            if (one.do === 'append') {
              const row = queue.append(one.updates)
              if (one.hint) reader.offer(String(row), queue.eventsOf(row) as Event[])
            } else if (one.do === 'late hint') {
              if (one.row >= 1 && one.row <= queue.rows.length)
                reader.offer(String(one.row), queue.eventsOf(one.row) as Event[])
            } else if (one.do === 'ack') acknowledge(one.count)
            else if (one.do === 'fail') queue.failing += one.times
            else if (one.do === 'heal') reader.heal(0)
            else await ticks(one.ticks)
          }
          // Whatever happened: with acknowledgements and time, everything arrives.
          for (let round = 0; round < 400 && given.length < queue.entitled.length; round++) {
            acknowledge(window)
            reader.heal(0)
            await clock.advance(1000)
          }
          acknowledge(window)
          await clock.advance(5000)
          expect(given.map(({ what }) => what)).toEqual(queue.entitled)
          expect(state.most).toBeLessThanOrEqual(window)
          expect(state.live).toBe(1)
          reader.close()
          queue.failing = 0
          // Y1: a cursor that was given resumes exactly behind its event.
          if (given.length === 0) return
          const index = cut % given.length
          const cursor = cursors.parse(given[index]?.cursor ?? '')
          expect(cursor).toBeDefined()
          const again = open(queue, 1000, cursor ?? { after: '0', given: 0 })
          await again.clock.advance(0)
          expect(again.given).toEqual(given.slice(index + 1))
          again.reader.close()
        },
      ),
      { numRuns: 2000 },
    )
  }, 60_000)

  it('Y5: what came while a page ended is given without another hint', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.nat(12), async (first, second) => {
        const queue = new ModelQueue()
        const { clock, reader, given } = open(queue, 100, { after: '0', given: 0 })
        for (const pause of [first, second]) {
          await ticks(pause)
          const row = queue.append([true])
          reader.offer(String(row), queue.eventsOf(row) as Event[])
        }
        await clock.advance(0)
        expect(given.map(({ what }) => what)).toEqual(queue.entitled)
        reader.close()
      }),
      { numRuns: 2000 },
    )
  })
})
