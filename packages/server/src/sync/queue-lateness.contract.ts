import { expect } from 'vitest'
import { UpdateEvent } from '../delivery/event.ts'
import { endsWithin, type Rules, retry, unique } from '../lib/stores.contract.ts'
import { CursorFormat } from './cursor.ts'
import { openProgress } from './open-progress.ts'
import { readPollPage } from './poll-page.ts'
import type { RowExpander } from './queue-reader.ts'
import { QueueChain, type QueueNode, updatesIn } from './queue-reading.contract.ts'

const expander: RowExpander = {
  expand: async (_, rows) =>
    rows.map(({ pointer }) => (pointer.kind === 'update' ? [new UpdateEvent(pointer.update)] : [])),
}

/** What sync queues promise about rows that appear among others; a queue that is exact has none. */
export const queueLatenessRules: Rules<QueueNode> = {
  'late rows: what is settled lies before what is put, and then behind it; nothing lies behind what is latest': async (
    stores,
  ) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { late } = other.queue
    if (!late) return
    const user = unique('u')
    const before = late.settled()
    const [place] = await retry(() => node.queue.put([{ user, update: '"a"' }]))
    for (const position of [before, late.settled(), late.latest()]) expect(other.queue.isPosition(position)).toBe(true)
    expect(other.queue.compare(before, place!.position)).toBeLessThan(0)
    expect(other.queue.compare(place!.position, late.latest())).toBeLessThan(0)
    await stores.pass(2 * late.within)
    expect(other.queue.compare(place!.position, late.settled())).toBeLessThan(0)
  },

  'late rows: a chain of cursors comes to rest, wherever writers believe to be in time': async (stores) => {
    const nodes = [await stores.node(1), await stores.node(2), await stores.node(3)]
    const { late } = nodes[0]!.queue
    if (!late) return
    const user = unique('u')
    const chain = new QueueChain(nodes[2]!, user, await retry(() => nodes[2]!.queue.head(user)), { limit: 4 })
    const seen = new Set<string>()
    const put = new Set<string>()
    for (let round = 0; round < 8; round++) {
      const update = `"u${round}"`
      await retry(() => nodes[round % 2]!.queue.put([{ user, update }]))
      put.add(update)
      for (const one of updatesIn(await chain.toEnd())) seen.add(one)
      expect([...put].filter((one) => !seen.has(one))).toEqual([])
    }
    await stores.pass(2 * late.within)
    await chain.toEnd()
    expect(await chain.toEnd()).toEqual([])
  },

  'L1: polls over any node give every row, none twice, and then nothing more': async (stores, { exact }) => {
    const nodes = [await stores.node(1), await stores.node(2)]
    const user = unique('u')
    const { queue } = nodes[0]!
    const format = new CursorFormat('e', (text) => queue.isPosition(text), queue.late !== undefined)
    const head = await retry(() => queue.head(user))
    let cursor = format.format({ after: head, given: 0, low: head, above: '', mark: undefined })
    const given: string[] = []
    const poll = async (over: number) => {
      const progress = openProgress(nodes[over % 2]!.queue, format, format.parse(cursor)!, 'poll')
      const deps = { queue: nodes[over % 2]!.queue, expander }
      const page = await retry(() => readPollPage(deps, user, progress, 3))
      given.push(...page.events.map(({ event }) => event.json(user)))
      ;({ cursor } = page)
      return page
    }
    const places: string[] = []
    for (let round = 0; round < 12; round++) {
      const updates = [1, 2, 3].map((n) => ({ user, update: `"r${round}n${n}"` }))
      // Those whose answer is lost may be there twice.
      places.push(...(await retry(() => nodes[round % 2]!.queue.put(updates))).map(({ position }) => position))
      await poll(round)
    }
    const ends = endsWithin(200)
    for (let over = 0; (await poll(over)).events.length > 0; over++) ends()
    expect(new Set(given)).toEqual(new Set(places.map((_, n) => `"r${Math.floor(n / 3)}n${(n % 3) + 1}"`)))
    if (exact) expect(given).toHaveLength(36)
    await stores.pass(2 * (queue.late?.within ?? 0))
    await poll(0)
    expect((await poll(1)).events).toEqual([])
  },
}
