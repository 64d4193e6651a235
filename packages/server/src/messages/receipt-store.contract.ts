import fc from 'fast-check'
import { expect } from 'vitest'
import { eventually, isUnavailable, type Rules, retry, unique } from '../lib/stores.contract.ts'
import { type QueueNode, readQueue, updatesIn } from '../sync/queue-reading.contract.ts'
import type { ReceiptKind, ReceiptNotice, ReceiptStore, Watermark } from './receipt-store.ts'

export interface ReceiptNode extends QueueNode {
  receipts: ReceiptStore
}

const second = (at: number): number => Math.floor(at / 1000)
const order = (a: Watermark, b: Watermark) =>
  a.user.localeCompare(b.user) || a.kind.localeCompare(b.kind) || a.upTo - b.upTo
const sorted = (rows: readonly Watermark[]): Watermark[] => [...rows].sort(order)

/** Every watermark that moved something, one row per second: what a store may be compared with. */
class Model {
  rows: Watermark[] = []

  save(watermark: Watermark): void {
    const newest = this.of(watermark).at(-1)
    if (newest && newest.upTo >= watermark.upTo) return
    if (newest && second(newest.at) === second(watermark.at)) this.rows.splice(this.rows.indexOf(newest), 1)
    this.rows.push(watermark)
  }

  of({ user, kind }: { user: string; kind: ReceiptKind }): Watermark[] {
    return this.rows.filter((row) => row.user === user && row.kind === kind)
  }

  each<T>(users: readonly string[], choose: (rows: Watermark[]) => T | undefined): T[] {
    return users.flatMap((user) =>
      (['delivered', 'read'] as const).flatMap((kind) => choose(this.of({ user, kind })) ?? []),
    )
  }
}

export const receiptStoreRules: Rules<ReceiptNode> = {
  'knows nothing of a conversation without receipts': async (stores) => {
    const { receipts } = await stores.node()
    const [none, user] = [unique('c'), unique('u')]
    expect(await retry(() => receipts.latest(none))).toEqual([])
    expect(await retry(() => receipts.firstCovering(none, 1))).toEqual([])
    expect(await retry(() => receipts.covering(none, [user], 1, 10))).toEqual([])
    await retry(() => receipts.save([], []))
  },

  'C7: tells by which time each member had a message': async (stores) => {
    const [{ receipts }, other] = [await stores.node(1), await stores.node(2)]
    const [conversation, ann, bob] = [unique('c'), unique('u'), unique('u')]
    const mark = (user: string, kind: ReceiptKind, upTo: number, at: number): Watermark => ({
      conversation,
      user,
      kind,
      upTo,
      at,
    })
    const given = [
      mark(ann, 'delivered', 3, 10_000),
      mark(ann, 'delivered', 7, 12_000),
      mark(ann, 'read', 3, 14_500),
      mark(bob, 'delivered', 7, 16_000),
    ]
    for (const watermark of given) await retry(() => receipts.save([watermark], []))
    const covering = async (seq: number) => sorted(await retry(() => other.receipts.firstCovering(conversation, seq)))
    expect(await covering(2)).toEqual(sorted([given[0]!, given[2]!, given[3]!]))
    expect(await covering(4)).toEqual(sorted([given[1]!, given[3]!]))
    expect(await covering(8)).toEqual([])
    expect(sorted(await retry(() => other.receipts.latest(conversation)))).toEqual(
      sorted([given[1]!, given[2]!, given[3]!]),
    )
    const page = (users: string[], from: number, to: number) =>
      retry(() => other.receipts.covering(conversation, users, from, to))
    expect(sorted(await page([ann, bob], 1, 3))).toEqual(sorted(given))
    expect(sorted(await page([ann], 4, 5))).toEqual([given[1]])
    expect(sorted(await page([ann], 1, 2))).toEqual(sorted([given[0]!, given[2]!]))
    expect(await page([bob], 8, 9)).toEqual([])
    expect(await page([], 1, 9)).toEqual([])
    expect(await retry(() => other.receipts.latest(unique('c')))).toEqual([])
  },

  'I7: a watermark at or behind the stored one changes nothing': async (stores) => {
    const [{ receipts }, other] = [await stores.node(1), await stores.node(2)]
    const first: Watermark = { conversation: unique('c'), user: unique('u'), kind: 'read', upTo: 5, at: 20_000 }
    await retry(() => receipts.save([first], []))
    for (const upTo of [5, 4, 1]) await retry(() => other.receipts.save([{ ...first, upTo, at: 90_000 + upTo }], []))
    expect(await retry(() => receipts.latest(first.conversation))).toEqual([first])
    expect(await retry(() => receipts.covering(first.conversation, [first.user], 1, 99))).toEqual([first])
  },

  'I7: forward also when the clock goes back': async (stores) => {
    const { receipts } = await stores.node()
    const first: Watermark = { conversation: unique('c'), user: unique('u'), kind: 'delivered', upTo: 5, at: 20_000 }
    await retry(() => receipts.save([first], []))
    await retry(() => receipts.save([{ ...first, upTo: 9, at: 11_000 }], []))
    await retry(() => receipts.save([{ ...first, upTo: 8, at: 30_000 }], []))
    expect(await retry(() => receipts.latest(first.conversation))).toMatchObject([{ upTo: 9 }])
    expect(await retry(() => receipts.firstCovering(first.conversation, 9))).toMatchObject([{ upTo: 9 }])
  },

  'what moves within a second takes one row': async (stores) => {
    const { receipts } = await stores.node()
    const [conversation, user] = [unique('c'), unique('u')]
    for (let upTo = 1; upTo <= 20; upTo++) {
      await retry(() => receipts.save([{ conversation, user, kind: 'read', upTo, at: 50_000 + upTo * 10 }], []))
    }
    const rows = await retry(() => receipts.covering(conversation, [user], 1, 99))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ upTo: 20 })
    expect(second(rows[0]!.at)).toBe(50)
  },

  'many watermarks at once, of several conversations': async (stores) => {
    const { receipts } = await stores.node()
    const conversations = [unique('c'), unique('c')]
    const users = [unique('u'), unique('u'), unique('u')]
    const all = conversations.flatMap((conversation) =>
      users.map((user, n): Watermark => ({ conversation, user, kind: 'delivered', upTo: n + 1, at: 1000 * (n + 1) })),
    )
    await retry(() => receipts.save(all, []))
    for (const conversation of conversations) {
      const own = all.filter((watermark) => watermark.conversation === conversation)
      expect(sorted(await retry(() => receipts.latest(conversation)))).toEqual(sorted(own))
    }
  },

  'Y7: what authors are told is on their queues, at the places that are named': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [conversation, reader, ann, bob] = [unique('c'), unique('u'), unique('u'), unique('u')]
    const heads = new Map<string, string>()
    for (const user of [reader, ann, bob]) heads.set(user, await retry(() => node.queue.head(user)))
    const read: Watermark = { conversation, user: reader, kind: 'read', upTo: 7, at: 30_000 }
    const notices = [ann, bob].map((user): ReceiptNotice => ({ conversation, user, update: `{"to":"${user}"}` }))
    const places = await retry(() => node.receipts.save([read], notices))
    expect(places.map(({ user }) => user)).toEqual([ann, bob])
    expect(await retry(() => other.receipts.latest(conversation))).toEqual([read])
    for (const [index, { user, update }] of notices.entries()) {
      const { rows } = await readQueue(other, user, heads.get(user)!)
      const row = rows.find(({ position }) => position === places[index]!.position)
      expect(row?.pointer).toEqual({ kind: 'update', update })
    }
    expect((await readQueue(other, reader, heads.get(reader)!)).rows).toEqual([])
  },

  'Y7: of a save that failed, what is stored of a conversation is told, and what is told is stored': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const author = unique('u')
    const conversations = [unique('c'), unique('c')]
    const head = await retry(() => node.queue.head(author))
    const agree = () =>
      eventually(stores, async () => {
        const told = updatesIn((await readQueue(other, author, head)).rows)
        for (const conversation of conversations) {
          const of = told.flatMap((text) => {
            const { c, n } = JSON.parse(text) as { c: string; n: number }
            return c === conversation ? n : []
          })
          const [stored] = await retry(() => node.receipts.latest(conversation))
          expect(stored?.upTo ?? 0).toBe(Math.max(0, ...of))
        }
      })
    for (let n = 1; n <= 60; n++) {
      const marks = conversations.map((conversation): Watermark => {
        return { conversation, user: 'reader', kind: 'read', upTo: n, at: n * 10_000 }
      })
      const notices = conversations.map((conversation): ReceiptNotice => {
        return { conversation, user: author, update: JSON.stringify({ c: conversation, n }) }
      })
      const { receipts } = n % 2 ? node : other
      await receipts.save(marks, notices).catch(async (error) => {
        if (!isUnavailable(error)) throw error
        await agree()
      })
    }
    await agree()
  },

  'one save may move a member several times, in its order': async (stores) => {
    const { receipts } = await stores.node()
    const [conversation, user] = [unique('c'), unique('u')]
    const mark = (upTo: number, at: number): Watermark => ({ conversation, user, kind: 'read', upTo, at })
    const given = [mark(2, 10_000), mark(4, 10_500), mark(3, 11_000), mark(6, 12_000), mark(6, 13_000)]
    await retry(() => receipts.save(given, []))
    const rows = await retry(() => receipts.covering(conversation, [user], 1, 99))
    expect(rows.map(({ upTo, at }) => [upTo, second(at)])).toEqual([
      [4, 10],
      [6, 12],
    ])
  },

  'any history reads back as it was saved, to the second': async (stores, { runs }) => {
    const users = ['a', 'b', 'c']
    const steps = fc.array(
      fc.record({
        user: fc.nat(2),
        kind: fc.constantFrom<ReceiptKind>('delivered', 'read'),
        upTo: fc.integer({ min: 1, max: 12 }),
        /** Since the step before. */
        later: fc.constantFrom(0, 5, 300, 1000, 2500),
      }),
      { maxLength: 25 },
    )
    const history = fc.asyncProperty(steps, fc.nat(), fc.nat(13), fc.nat(13), async (given, seed, a, b) => {
      const nodes = [await stores.node(seed), await stores.node(seed + 1)]
      const conversation = unique('c')
      const prefix = unique('u')
      const model = new Model()
      let at = 100_000
      for (const [index, { user, kind, upTo, later }] of given.entries()) {
        at += later
        const watermark = { conversation, user: prefix + users[user]!, kind, upTo, at }
        model.save(watermark)
        await retry(() => nodes[index % 2]!.receipts.save([watermark], []))
      }
      const { receipts } = nodes[0]!
      const names = users.map((user) => prefix + user)
      const toSecond = (rows: readonly Watermark[]) => sorted(rows).map((row) => ({ ...row, at: second(row.at) }))
      const [from, to] = [Math.min(a, b), Math.max(a, b)]
      expect(toSecond(await retry(() => receipts.latest(conversation)))).toEqual(
        toSecond(model.each(names, (rows) => rows.at(-1))),
      )
      expect(toSecond(await retry(() => receipts.firstCovering(conversation, from)))).toEqual(
        toSecond(model.each(names, (rows) => rows.find((row) => row.upTo >= from))),
      )
      const expected = model.each(names, (rows) => {
        const beyond = rows.find((row) => row.upTo > to)?.upTo ?? to
        return rows.filter((row) => row.upTo >= from && row.upTo <= beyond)
      })
      const covering = await retry(() => receipts.covering(conversation, names, from, to))
      expect(toSecond(covering)).toEqual(toSecond(expected.flat()))
      for (const rows of Map.groupBy(covering, (row) => `${row.user} ${row.kind}`).values()) {
        expect(rows.map((row) => row.upTo)).toEqual(sorted(rows).map((row) => row.upTo))
      }
    })
    await fc.assert(history, { numRuns: runs })
  },
}
