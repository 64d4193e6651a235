import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unavailable } from '../lib/errors.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { Turns } from '../lib/turns.ts'
import type { Cursor } from './cursor.ts'
import { Author, cursorsOf, Device, expander, openNodes, user, within } from './late-world.contract.ts'
import { QueueReader } from './queue-reader.ts'

const atHead = (head: string): Cursor => ({ after: head, given: 0, low: head, above: '', mark: undefined })

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      conversation: fc.nat(2),
      count: fc.integer({ min: 1, max: 3 }),
      over: fc.nat(2),
      told: fc.boolean(),
      twice: fc.nat(9).map((n) => n === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('update' as const), over: fc.nat(2), told: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 600 })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  fc.record({ do: fc.constant('heal' as const) }),
  fc.record({ do: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('resume' as const), node: fc.nat(2), lose: fc.nat(4) }),
)

/** A device that is connected now here, now there, and remembers what it had stored at each cursor. */
class Connected {
  readonly #nodes
  readonly #clock
  readonly #window
  #reader: QueueReader | undefined
  /** What was stored when each cursor was given, the newest last. */
  history: { cursor: string; device: Device }[]
  device = new Device()
  readonly faults: string[] = []
  /** Reads that fail from now on. */
  failing = 0
  outstanding = 0
  live = 0

  constructor(nodes: ReturnType<typeof openNodes>, clock: ManualClock, window: number, head: string) {
    this.#nodes = nodes
    this.#clock = clock
    this.#window = window
    this.history = [{ cursor: cursorsOf(nodes[0]!).late(atHead(head)), device: new Device() }]
  }

  /** Goes on from a cursor some events back, over a node. */
  connect(node: number, lose: number): void {
    this.#reader?.close()
    this.history.length = Math.max(1, this.history.length - lose)
    const { cursor, device } = this.history.at(-1)!
    this.device = device.copy()
    this.outstanding = 0
    this.live = 0
    const own = this.#nodes[node % this.#nodes.length]!
    const read: typeof own.read = async (...args) => {
      const page = await own.read(...args)
      if (this.failing-- > 0) throw unavailable('The queue is away.')
      return page
    }
    const queue = new Proxy(own, {
      get: (target, name) => {
        const value: unknown = name === 'read' ? read : Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const cursors = cursorsOf(queue)
    const deps = { queue, expander, cursors, clock: this.#clock, turns: new Turns(1) }
    const session = new Set<string>()
    this.#reader = new QueueReader(deps, user, cursors.parse(cursor)!, {
      room: () => this.#window - this.outstanding,
      event: (at, event) => {
        this.outstanding++
        // A reader that is thrown at only tries again.
        if (this.outstanding > this.#window) this.faults.push('Y3: beyond the window')
        if (session.has(at)) this.faults.push(`cursor ${at} comes twice`)
        if (session.has(event.json(user))) this.faults.push(`${event.json(user)} comes twice in a session`)
        session.add(at).add(event.json(user))
        if (!this.device.apply(event)) this.faults.push(`Y2: ${event.json(user)} comes too early`)
        this.history.push({ cursor: at, device: this.device.copy() })
      },
      live: () => this.live++,
      tooOld: () => expect.unreachable('nothing is trimmed'),
    })
    this.#reader.start()
  }

  get reader(): QueueReader {
    return this.#reader!
  }

  acknowledge(count: number): void {
    this.outstanding = Math.max(0, this.outstanding - count)
    this.reader.resume()
  }
}

describe('reader of a queue whose rows are late', () => {
  it('Y1–Y3: everything at least once, in the order of each conversation, from whatever cursor it goes on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
        async (seed, window, steps) => {
          const clock = new ManualClock()
          const nodes = openNodes(clock, seed)
          const client = new Connected(nodes, clock, window, await nodes[0]!.head())
          const authors = ['a', 'b', 'c'].map(
            (name) => new Author(name, nodes, (position, events) => client.reader.offer(position, events)),
          )
          const lanes = authors.map(() => Promise.resolve())
          const puts: Promise<void>[] = []
          const updates: string[] = []
          client.connect(0, 0)
          for (const one of steps) {
            if (one.do === 'append') {
              const author = authors[one.conversation]!
              lanes[one.conversation] = lanes[one.conversation]!.then(() =>
                author.append(one.count, one.over, one.told, one.twice),
              )
            } else if (one.do === 'update') {
              const update = `"u${updates.length}"`
              updates.push(update)
              const put = nodes[one.over]!.put([{ user, update }])
              puts.push(put.then(() => {}))
            } else if (one.do === 'pass') await clock.advance(one.ms)
            else if (one.do === 'ack') client.acknowledge(one.count)
            else if (one.do === 'heal') client.reader.heal(0)
            else if (one.do === 'fail') client.failing = one.times
            else client.connect(one.node, one.lose)
          }
          const done = Promise.all([...lanes, ...puts])
          client.failing = 0
          // Until nothing came for longer than it takes to be found.
          for (let round = 0, quiet = 0; round < 1000 && (round < 60 || quiet < 15); round++) {
            const before = client.history.length
            client.acknowledge(window)
            await clock.advance(within)
            if (round % 10 === 9) client.reader.heal(0)
            quiet = client.history.length > before ? 0 : quiet + 1
          }
          await done
          expect(client.faults).toEqual([])
          for (const { conversation, seq } of authors) expect(client.device.seqs.get(conversation) ?? 0).toBe(seq)
          expect([...client.device.updates].sort()).toEqual([...updates].sort())
          expect(client.live).toBe(1)
          // What is settled is not given again, and nothing is read for ever.
          const { repeats } = client.device
          const last = client.history.length
          client.reader.heal(0)
          await clock.advance(5 * within)
          expect(client.history.length).toBe(last)
          expect(client.device.repeats).toBe(repeats)
          client.reader.close()
          expect(clock.waiting, 'timers that are left').toBe(0)
        },
      ),
      { numRuns: 2000 },
    )
  }, 120_000)

  /** A session that is live, what it was given, and the reads it made. */
  async function live() {
    const clock = new ManualClock()
    const [queue] = openNodes(clock, 7, 1)
    const given: string[] = []
    const reads: number[] = []
    const counted = new Proxy(queue!, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name === 'read') reads.push(clock.monotonic())
        return value.bind(target)
      },
    })
    const cursors = cursorsOf(queue!)
    const deps = { queue: counted, expander, cursors, clock, turns: new Turns(1) }
    const reader = new QueueReader(deps, user, atHead(await queue!.head()), {
      room: () => 1000,
      event: (_, event) => given.push(event.json(user)),
      live: () => {},
      tooOld: () => {},
    })
    reader.start()
    await clock.advance(3 * within)
    reads.length = 0
    const at = clock.monotonic()
    const author = (name: string) => new Author(name, [queue!], (position, events) => reader.offer(position, events))
    const append = async (of: Author, told: boolean) => {
      const done = of.append(1, 0, told, false)
      await clock.advance(within / 2)
      await done
    }
    return { clock, reader, given, reads, at, author, append }
  }

  it('a wake moves nothing: what was lost before it is read half of W after it at latest, and once more after W', async () => {
    const { clock, reader, given, reads, author, append } = await live()
    const [told, lost] = [author('told'), author('lost')]
    await append(told, true)
    await append(lost, false)
    await clock.advance(3 * within)
    expect(given).toEqual(['told 1', 'lost 1'])
    reads.length = 0
    await append(lost, false)
    await append(told, true)
    const wokenAt = clock.monotonic()
    expect(given.slice(2)).toEqual(['told 2'])
    await clock.advance(within / 2 + within / 20)
    expect(given.slice(3)).toEqual(['lost 2'])
    await clock.advance(10 * within)
    expect(Math.max(...reads)).toBeGreaterThanOrEqual(wokenAt + within / 2)
    expect(reads.length).toBeLessThanOrEqual(4)
    expect(clock.waiting, 'a quiet session waits for nothing').toBe(0)
    reader.close()
  })

  it('hints that follow are given without a read; a session reads twice in W, however many come', async () => {
    const { clock, reader, given, reads, author } = await live()
    const busy = author('busy')
    const done = (async () => {
      for (let n = 0; n < 200; n++) await busy.append(1, 0, true, false)
    })()
    const began = clock.monotonic()
    let [finished, spent] = [false, 0]
    void done.then(() => {
      finished = true
    })
    for (; !finished; spent = clock.monotonic() - began) await clock.advance(5)
    expect(given).toEqual(Array.from({ length: 200 }, (_, n) => `busy ${n + 1}`))
    expect(spent).toBeGreaterThan(4 * within)
    // Pages of a re-read are full of what is remembered.
    const rereads = reads.filter((at, index) => index === 0 || at - reads[index - 1]! > within / 4)
    expect(rereads.length).toBeLessThanOrEqual(Math.ceil((2 * spent) / within))
    reader.close()
  })

  it('n+2 before n+1: what is between is read first, and only then the rest is given', async () => {
    const { clock, reader, given, author, append } = await live()
    const a = author('a')
    await append(a, true)
    await append(a, false)
    await append(a, true)
    await clock.advance(within / 20)
    expect(given).toEqual(['a 1', 'a 2', 'a 3'])
    reader.close()
  })
})
