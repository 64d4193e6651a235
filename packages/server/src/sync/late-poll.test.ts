import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/manual-clock.ts'
import { Author, cursorsOf, Device, expander, openNodes, user, within } from './late-world.contract.ts'
import { openProgress } from './open-progress.ts'
import { type PollPage, readPollPage } from './poll-page.ts'

type Nodes = ReturnType<typeof openNodes>

/** One poll over one of the nodes, which knows nothing but the cursor. Reading takes time. */
async function poll(nodes: Nodes, clock: ManualClock, over: number, cursor: string, limit: number): Promise<PollPage> {
  const queue = nodes[over % nodes.length]!
  const format = cursorsOf(queue)
  const progress = openProgress(queue, format, format.parse(cursor)!, 'poll')
  let page: PollPage | undefined
  void readPollPage({ queue, expander }, user, progress, limit).then((found) => {
    page = found
  })
  for (let waited = 0; !page; waited += 10) {
    expect(waited, 'a poll has no end').toBeLessThan(10_000)
    await clock.advance(10)
  }
  return page
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      conversation: fc.nat(3),
      count: fc.integer({ min: 1, max: 3 }),
      over: fc.nat(2),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('update' as const), over: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 300 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('poll' as const),
      over: fc.nat(2),
      limit: fc.integer({ min: 1, max: 12 }),
      /** The device stops within the page and goes on from there; or never stored it, and asks again. */
      stored: fc.constantFrom('all' as const, 'all' as const, 'all' as const, 'half' as const, 'nothing' as const),
    }),
  },
)

describe('polls of a queue whose rows are late', () => {
  it('L1, Y1, Y2: chains of cursors over any node lose nothing, keep the order, and repeat nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (seed, steps) => {
        const clock = new ManualClock()
        const nodes = openNodes(clock, seed)
        const authors = ['a', 'b', 'c', 'd'].map((name) => new Author(name, nodes, () => {}))
        const lanes = authors.map(() => Promise.resolve())
        const puts: Promise<unknown>[] = []
        const head = await nodes[0]!.head()
        const atHead = { after: head, given: 0, low: head, above: '', mark: undefined }
        let cursor = cursorsOf(nodes[0]!).late(atHead)
        const device = new Device()
        let whole = true
        const store = async (over: number, limit: number, stored: 'all' | 'half' | 'nothing') => {
          const page = await poll(nodes, clock, over, cursor, limit)
          expect(page.events.length).toBeLessThanOrEqual(limit)
          if (stored === 'nothing') return page
          const count = stored === 'all' ? page.events.length : page.events.length >> 1
          for (const { event } of page.events.slice(0, count)) expect(device.apply(event), 'Y2: in order').toBe(true)
          if (stored === 'all') ({ cursor } = page)
          else if (count > 0) {
            cursor = page.events[count - 1]!.pos
            whole = false
          }
          return page
        }
        for (const one of steps) {
          if (one.do === 'append') {
            const author = authors[one.conversation]!
            lanes[one.conversation] = lanes[one.conversation]!.then(() =>
              author.append(one.count, one.over, false, false),
            )
          } else if (one.do === 'update') {
            puts.push(nodes[one.over]!.put([{ user, update: `"u${puts.length}"` }]))
          } else if (one.do === 'pass') await clock.advance(one.ms)
          else await store(one.over, one.limit, one.stored)
        }
        const written = Promise.all([...lanes, ...puts]).then(() => true)
        await clock.advance(within * steps.length)
        expect(await written).toBe(true)
        let left = 400
        for (let page = await store(0, 12, 'all'); page.events.length > 0 && left > 0; left--)
          page = await store(left, 12, 'all')
        expect(left, 'polls repeat endlessly').toBeGreaterThan(0)
        for (const { conversation, seq } of authors) expect(device.seqs.get(conversation) ?? 0).toBe(seq)
        expect(device.updates.size).toBe(puts.length)
        if (whole) expect(device.repeats).toBe(0)
        await clock.advance(2 * within)
        await store(1, 12, 'all')
        expect((await store(2, 12, 'all')).events).toEqual([])
        expect(cursor.length, 'nothing is left to be remembered').toBeLessThan(250)
      }),
      { numRuns: 2000 },
    )
  }, 120_000)

  it('a cursor stays short however much lies above it; what it cannot carry is given again once or twice', async () => {
    for (const seed of [1, 2, 3]) {
      const clock = new ManualClock()
      const nodes = openNodes(clock, seed)
      const head = await nodes[0]!.head()
      let cursor = cursorsOf(nodes[0]!).late({ after: head, given: 0, low: head })
      const device = new Device()
      const authors = Array.from({ length: 40 }, (_, n) => new Author(`c${n}`, nodes, () => {}))
      let put = 0
      let polls = 0
      let given = 0
      // 200 small updates and 40 entries in each W, polled eight times meanwhile.
      for (let round = 0; round < 30; round++) {
        const updates = Array.from({ length: 200 }, (_, n) => nodes[n % 3]!.put([{ user, update: `"u${put + n}"` }]))
        put += 200
        const written = Promise.all([...updates, ...authors.map((author) => author.append(1, round, false, false))])
        for (let again = 0; again < 8; again++, polls++) {
          await clock.advance(within / 20)
          const page = await poll(nodes, clock, polls, cursor, 300)
          expect(page.cursor.length).toBeLessThan(2048)
          for (const { event } of page.events) expect(device.apply(event), 'Y2: in order').toBe(true)
          given += page.events.length
          ;({ cursor } = page)
        }
        await clock.advance(within / 2)
        await written
      }
      await clock.advance(2 * within)
      for (let rounds = 0; rounds < 20; rounds++) {
        const page = await poll(nodes, clock, rounds, cursor, 500)
        for (const { event } of page.events) expect(device.apply(event), 'Y2: in order').toBe(true)
        given += page.events.length
        ;({ cursor } = page)
      }
      expect(device.updates.size).toBe(put)
      for (const { conversation, seq } of authors) expect(device.seqs.get(conversation)).toBe(seq)
      expect(given).toBeLessThan(2.5 * (put + 30 * 40))
      expect((await poll(nodes, clock, 0, cursor, 500)).events).toEqual([])
    }
  }, 60_000)
})
