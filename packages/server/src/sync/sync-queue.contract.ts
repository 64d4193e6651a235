import { expect } from 'vitest'
import { eventually, type Rules, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import type { QueuePosition } from './place.ts'
import { queueLatenessRules } from './queue-lateness.contract.ts'
import { racingPutsRule } from './queue-races.contract.ts'
import { type QueueNode, readQueue, updatesIn } from './queue-reading.contract.ts'
import type { DeviceCursor } from './sync-queue.ts'

const update = (n: number | string): string => JSON.stringify({ kind: 'settings', conversation: `c${n}`, at: 1 })

async function put({ queue }: QueueNode, user: string, ...names: (number | string)[]): Promise<void> {
  for (const name of names) await retry(() => queue.put([{ user, update: update(name) }]))
}

const cursor = (device: string, user: string, position: QueuePosition, last?: string): DeviceCursor => ({
  device,
  user,
  position,
  lastSeenMessageId: last,
})

export const syncQueueRules: Rules<QueueNode> = {
  'the queue of a user nobody wrote to is empty': async (stores) => {
    const node = await stores.node()
    const user = unique('u')
    const head = await retry(() => node.queue.head(user))
    expect(node.queue.isPosition(head)).toBe(true)
    expect(await retry(() => node.queue.read(user, head, 10))).toMatchObject({ rows: [], complete: true })
  },

  'Y1: from its head on a cursor gets what is appended, over any node, and nobody else gets it': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [ann, bob] = [unique('u'), unique('u')]
    await put(node, ann, 'before')
    const [annHead, bobHead] = [await retry(() => other.queue.head(ann)), await retry(() => other.queue.head(bob))]
    await put(node, ann, 'a')
    await retry(() =>
      node.queue.put([
        { user: ann, update: update('b') },
        { user: bob, update: update('b') },
      ]),
    )
    const forAnn = updatesIn((await readQueue(other, ann, annHead)).rows)
    expect(forAnn).toEqual(expect.arrayContaining([update('a'), update('b')]))
    expect(new Set(updatesIn((await readQueue(other, bob, bobHead)).rows))).toEqual(new Set([update('b')]))
  },

  'exact queues give each row once, in the order of putting': async (stores, { exact }) => {
    if (!exact) return
    const node = await stores.node()
    const user = unique('u')
    const start = await node.queue.head(user)
    await put(node, user, 1, 2, 3, 4, 5)
    const { rows, next } = await readQueue(node, user, start, 2)
    expect(updatesIn(rows)).toEqual([1, 2, 3, 4, 5].map(update))
    expect(await node.queue.read(user, next, 2)).toEqual({ rows: [], next, complete: true })
  },

  'tells the place of what was put, in the order given': async (stores) => {
    const node = await stores.node()
    const [ann, bob] = [unique('u'), unique('u')]
    const [annHead, bobHead] = [await retry(() => node.queue.head(ann)), await retry(() => node.queue.head(bob))]
    const given = [
      { user: ann, update: update('a1') },
      { user: bob, update: update('b1') },
      { user: ann, update: update('a2') },
    ]
    const places = await retry(() => node.queue.put(given))
    expect(places.map((place) => place.user)).toEqual([ann, bob, ann])
    for (const [index, { user, update: text }] of given.entries()) {
      const { rows } = await readQueue(node, user, user === ann ? annHead : bobHead)
      const row = rows.find(({ position }) => position === places[index]!.position)
      expect(row?.pointer).toEqual({ kind: 'update', update: text })
    }
    expect(await retry(() => node.queue.put([]))).toEqual([])
  },

  'a page has at most `limit` rows, in order, and says whether it was full': async (stores) => {
    const node = await stores.node()
    const user = unique('u')
    const start = await retry(() => node.queue.head(user))
    await put(node, user, 1, 2, 3, 4, 5)
    for (const limit of [1, 2, 3, 5, 6]) {
      const page = (await retry(() => node.queue.read(user, start, limit)))!
      expect(page.rows.length).toBeLessThanOrEqual(limit)
      if (page.rows.length < 5) expect(page.complete, 'more is behind it').toBe(false)
      for (const [index, row] of page.rows.entries()) {
        expect(node.queue.compare(row.before, row.position)).toBeLessThan(0)
        if (index > 0) expect(node.queue.compare(page.rows[index - 1]!.position, row.position)).toBeLessThan(0)
      }
      const { rows } = await readQueue(node, user, start, limit)
      expect(new Set(updatesIn(rows))).toEqual(new Set([1, 2, 3, 4, 5].map(update)))
    }
  },

  'Y1: a cursor at a row gets all behind it; one before a row gets that row too': async (stores, { exact }) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const user = unique('u')
    const start = await retry(() => node.queue.head(user))
    await put(node, user, 1, 2, 3, 4)
    const { rows } = await readQueue(node, user, start)
    for (const [index, row] of rows.entries()) {
      for (const position of [row.position, row.before]) expect(node.queue.isPosition(position)).toBe(true)
      const behind = updatesIn(rows.slice(index + 1))
      const fromRow = updatesIn((await readQueue(other, user, row.position)).rows)
      expect(fromRow).toEqual(expect.arrayContaining(behind))
      const fromBefore = updatesIn((await readQueue(other, user, row.before)).rows)
      expect(fromBefore).toEqual(expect.arrayContaining([...updatesIn([row]), ...behind]))
      if (exact) expect([fromRow, fromBefore]).toEqual([behind, [...updatesIn([row]), ...behind]])
    }
  },

  'a row follows a cursor only when nothing stands between them': async (stores, { exact }) => {
    const node = await stores.node()
    const user = unique('u')
    const start = await retry(() => node.queue.head(user))
    await put(node, user, 1, 2, 3)
    const { rows, next } = await readQueue(node, user, start)
    const { follows, compare } = node.queue
    for (const [index, row] of rows.entries()) {
      for (const [earlier, from] of [start, ...rows.map(({ position }) => position)].entries()) {
        if (earlier !== index) expect(follows.call(node.queue, from, row.position)).toBe(false)
      }
      if (exact)
        expect(follows.call(node.queue, index === 0 ? start : rows[index - 1]!.position, row.position)).toBe(true)
      expect(compare.call(node.queue, start, row.position)).toBeLessThan(0)
      expect(compare.call(node.queue, row.position, row.position)).toBe(0)
      expect(compare.call(node.queue, row.position, next)).toBeLessThanOrEqual(0)
    }
  },

  'Y4: knows a position of its own from any other text': async (stores) => {
    const node = await stores.node()
    const user = unique('u')
    const start = await retry(() => node.queue.head(user))
    await put(node, user, 1)
    const { rows, next } = await readQueue(node, user, start)
    for (const position of [start, next, ...rows.flatMap((row) => [row.position, row.before])]) {
      expect(node.queue.isPosition(position)).toBe(true)
      expect(position).not.toMatch(/[.~]/)
    }
    const strange = [
      '',
      ' ',
      '-1',
      '0x10',
      '1e3',
      'NaN',
      'null',
      '１',
      `${next} `,
      `${next}\n`,
      "'; --",
      '9'.repeat(2000),
    ]
    for (const text of strange) expect(node.queue.isPosition(text), JSON.stringify(text)).toBe(false)
  },

  'keeps a cursor for each device, which only moves forward': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [ann, bob] = [unique('u'), unique('u')]
    const [phone, laptop, tablet] = [unique('d'), unique('d'), unique('d')]
    const start = await retry(() => node.queue.head(ann))
    const bobHead = await retry(() => node.queue.head(bob))
    await put(node, ann, 1, 2, 3)
    const { rows } = await readQueue(node, ann, start)
    const [one, two, three] = rows.map((row) => row.position)
    await retry(() => node.queue.saveCursors([cursor(phone, ann, two!, '7'), cursor(laptop, ann, start)]))
    await retry(() => node.queue.saveCursors([cursor(tablet, bob, bobHead)]))
    const saved = async () => {
      const found = await retry(() => other.queue.cursors(ann))
      return new Map(found.map((one) => [one.device, one]))
    }
    await eventually(stores, async () => {
      const cursors = await saved()
      expect(cursors.get(phone)).toEqual(cursor(phone, ann, two!, '7'))
      expect(cursors.get(laptop)).toEqual(cursor(laptop, ann, start))
      expect(cursors.size, "nobody else's").toBe(2)
    })
    await retry(() => other.queue.saveCursors([cursor(phone, ann, one!, '3'), cursor(laptop, ann, three!, '9')]))
    await eventually(stores, async () => {
      const cursors = await saved()
      expect(cursors.get(laptop)).toEqual(cursor(laptop, ann, three!, '9'))
      expect(cursors.get(phone)).toEqual(cursor(phone, ann, two!, '7'))
    })
    await retry(() => node.queue.removeCursor(ann, laptop))
    await retry(() => node.queue.removeCursor(ann, laptop))
    await eventually(stores, async () => expect([...(await saved()).keys()]).toEqual([phone]))
  },

  'Y4: a cursor older than what is kept is told so; never a silent gap': async (stores, { exact }) => {
    const node = await stores.node()
    const user = unique('u')
    const start = await retry(() => node.queue.head(user))
    await put(node, user, 1, 2, 3)
    await stores.pass(2_100)
    const middle = stores.now()
    await stores.pass(2_100)
    await put(node, user, 4, 5)
    const before = await readQueue(node, user, start)
    await forget(stores, node, middle)
    expect(await retry(() => node.queue.read(user, start, 10))).toBeUndefined()
    for (const [index, row] of before.rows.entries()) {
      const page = await retry(() => node.queue.read(user, row.position, 10))
      const behind = updatesIn(before.rows.slice(index + 1))
      if (page) expect(updatesIn(page.rows)).toEqual(expect.arrayContaining(behind))
      // Where rows go by their age a cursor does too.
      else if (stores.expire) expect(index).toBeLessThanOrEqual(2)
      else expect(behind, 'it is gone only when something behind it is').toContain(update(3))
      if (exact) expect(page === undefined).toBe(index < 2)
    }
    const kept = await readQueue(node, user, before.rows.find((row) => updatesIn([row])[0] === update(4))!.position)
    expect(updatesIn(kept.rows)).toContain(update(5))
  },

  'trims nothing that is young, and never the newest row of a user': async (stores) => {
    const node = await stores.node()
    const user = unique('u')
    const start = await retry(() => node.queue.head(user))
    await put(node, user, 1, 2)
    await forget(stores, node, stores.now() - 60_000)
    expect(updatesIn((await readQueue(node, user, start)).rows)).toEqual(expect.arrayContaining([update(1), update(2)]))
    if (stores.expire) return
    const { rows, next } = await readQueue(node, user, start)
    await stores.pass(2_100)
    await forget(stores, node, stores.now())
    const newest = await retry(() => node.queue.read(user, rows.at(-1)!.before, 10))
    expect(updatesIn(newest?.rows ?? [])).toContain(update(2))
    // Positions go on from there.
    await put(node, user, 3)
    expect(updatesIn((await readQueue(node, user, next)).rows)).toContain(update(3))
    expect(node.queue.compare(next, (await readQueue(node, user, next)).rows.at(-1)!.position)).toBeLessThan(0)
  },

  ...queueLatenessRules,

  'nodes that race: every put that completed is read by every chain of cursors': racingPutsRule,
}

async function forget(stores: TestStores<QueueNode>, { queue }: QueueNode, before: number): Promise<void> {
  await stores.expire?.(before)
  for (let rounds = 0; rounds < 10_000; rounds++) {
    const trimmed = await retry(() => queue.trim(before, 3))
    expect(trimmed).toBeLessThanOrEqual(3)
    if (trimmed === 0) return
  }
  throw new Error('trimming has no end')
}
