import type { UserId } from '@parley/protocol'
import fc from 'fast-check'
import { expect } from 'vitest'
import { eventually, isUnavailable, type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { Place } from '../sync/place.ts'
import { readQueue, updatesIn } from '../sync/queue-reading.contract.ts'
import { type ConversationNode, createGroup, nodesOf } from './fixtures.contract.ts'
import type { OwnSettings } from './own-store.ts'

const update = (kind: string, over: object = {}): string => JSON.stringify({ kind, ...over })

/** Small updates on the queue of `user` behind `position`, in order. */
async function toldSince(node: ConversationNode, user: UserId, position: string) {
  const { rows } = await readQueue(node, user, position)
  return updatesIn(rows).map((text) => JSON.parse(text) as { kind: string; n: number })
}

/** What each member keeps for themselves. */
export const memberRowsRules: Rules<ConversationNode> = {
  "keeps a member's settings, the last ones saved": async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(node, [ann, bob], stores.now())
    const first: OwnSettings = { settings: { pinned: true, mutedUntil: 17 }, at: 1 }
    await retry(() => node.conversations.saveSettings(ann, id, first, update('settings')))
    expect(await retry(() => other.conversations.settings(ann, id))).toEqual(first)
    const next: OwnSettings = { settings: { notify: 'none', archived: false }, at: 2 }
    await retry(() => other.conversations.saveSettings(ann, id, next, update('settings')))
    expect(await retry(() => node.conversations.settings(ann, id))).toEqual(next)
    expect(await retry(() => node.conversations.settings(bob, id))).toEqual({ settings: {}, at: 0 })
  },

  'I7: read marks only move forward, whoever saves them': async (stores, { runs }) => {
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(await stores.node(), [ann, bob], stores.now())
    const mark = (read: number) => ({ read, messages: read * 2, own: read })
    const save = ({ conversations }: ConversationNode, read: number) =>
      retry(() => conversations.saveReadMark(ann, id, mark(read), update('read')))
    let highest = 1
    const race = fc.asyncProperty(fc.nat(), fc.array(fc.array(fc.integer({ min: 1, max: 5 }))), async (seed, lists) => {
      const start = highest
      await Promise.all(
        lists.map(async (steps, index) => {
          const node = await stores.node(seed + index)
          for (const step of steps) {
            const read = start + step
            await save(node, read)
            highest = Math.max(highest, read)
            const stored = await retry(() => node.conversations.readMark(ann, id))
            expect(stored!.read).toBeGreaterThanOrEqual(read)
            expect(stored!.messages, 'the counts belong to the mark').toBe(stored!.read > 1 ? stored!.read * 2 : 0)
          }
        }),
      )
      const { conversations } = await stores.node(seed)
      expect((await retry(() => conversations.readMark(ann, id)))!.read).toBe(highest)
    })
    await fc.assert(race, { numRuns: Math.min(runs, 50) })
    const { conversations } = await stores.node()
    await retry(() => conversations.saveReadMark(ann, id, { ...mark(highest), messages: 0 }, update('read')))
    expect((await retry(() => conversations.readMark(ann, id)))!.messages).not.toBe(0)
    await retry(() => conversations.saveReadMark(bob, id, mark(5), update('read')))
    expect(await retry(() => conversations.readMark(bob, id))).toEqual({ read: 5, messages: 10, own: 5 })
  },

  'I7: the same read mark is told again, one behind it is not': async (stores, { exact }) => {
    const node = await stores.node(1)
    const ann = unique('u')
    const { id } = await createGroup(node, [ann], stores.now())
    const head = await retry(() => node.queue.head(ann))
    const save = (read: number, n: number) =>
      retry(() => node.conversations.saveReadMark(ann, id, { read, messages: n, own: 0 }, update('read', { n })))
    await save(5, 1)
    expect(await save(5, 2)).toHaveLength(1)
    const behind = await save(4, 3)
    if (!exact) return
    expect(behind).toEqual([])
    expect((await toldSince(node, ann, head)).map(({ n }) => n)).toEqual([1, 2])
    expect(await retry(() => node.conversations.readMark(ann, id))).toEqual({ read: 5, messages: 1, own: 0 })
  },

  'remembers what a member hid for themselves': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(node, [ann, bob], stores.now())
    for (const seq of [7, 2, 12, 2]) await retry(() => node.conversations.hide(ann, id, seq, update('hidden')))
    const hidden = (user: string, from: number, to: number) =>
      retry(() => other.conversations.hidden(user, id, from, to))
    expect(await hidden(ann, 1, 100)).toEqual([2, 7, 12])
    expect(await hidden(ann, 2, 7)).toEqual([2, 7])
    expect(await hidden(ann, 3, 6)).toEqual([])
    expect(await hidden(bob, 1, 100)).toEqual([])
  },

  'F1: remembers what a member starred for themselves, and when, in every conversation': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(node, [ann, bob], stores.now())
    const { id: second } = await createGroup(node, [ann, bob], stores.now())
    const star = (conversation: string, seq: number, at: number, starred = true) =>
      retry(() => node.conversations.star(ann, { conversation, seq, at }, starred, update('star')))
    for (const seq of [7, 2, 12]) await star(id, seq, 1000 + seq)
    await star(second, 2, 500)
    await star(id, 7, 2000, false)
    await star(id, 12, 3000)
    await star(id, 2, 4000, false)
    await star(id, 2, 5000)
    const within = (user: string, from: number, to: number) =>
      retry(() => other.conversations.starsIn(user, id, from, to))
    const [two, twelve] = [
      { conversation: id, seq: 2, at: 5000 },
      { conversation: id, seq: 12, at: 3000 },
    ]
    expect(await within(ann, 1, 100)).toEqual([two, twelve])
    expect(await within(ann, 2, 11)).toEqual([two])
    expect(await within(ann, 3, 11)).toEqual([])
    expect(await within(bob, 1, 100)).toEqual([])
    const all = await retry(() => other.conversations.stars(ann))
    expect(all.sort((a, b) => a.at - b.at)).toEqual([{ conversation: second, seq: 2, at: 500 }, twelve, two])
    expect(await retry(() => other.conversations.stars(bob))).toEqual([])
  },

  'F6: what is cleared only moves forward, whoever saves it': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(node, [ann, bob], stores.now())
    const clear = ({ conversations }: ConversationNode, upTo: number) =>
      retry(() => conversations.clear(ann, id, upTo, update('cleared')))
    for (const upTo of [3, 9, 4]) await clear(upTo % 2 ? node : other, upTo)
    expect(await retry(() => other.conversations.cleared(ann, id))).toBe(9)
    await Promise.all([clear(node, 12), clear(other, 15), clear(node, 11)])
    expect(await retry(() => node.conversations.cleared(ann, id))).toBe(15)
    expect(await retry(() => node.conversations.cleared(bob, id))).toBe(0)
    expect(await retry(() => node.conversations.readMark(ann, id)), 'reading is another matter').toMatchObject({
      read: 1,
    })
  },

  'what a member saves is told on their own queue, at the place that is named': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(node, [ann, bob], stores.now())
    const [head, bobHead] = [await retry(() => node.queue.head(ann)), await retry(() => node.queue.head(bob))]
    const { conversations } = node
    const saves: [text: string, save: (text: string) => Promise<Place[]>][] = [
      [
        update('settings', { n: 1 }),
        (text) => conversations.saveSettings(ann, id, { settings: { pinned: true }, at: 1 }, text),
      ],
      [update('read', { n: 2 }), (text) => conversations.saveReadMark(ann, id, { read: 9, messages: 3, own: 1 }, text)],
      [update('hidden', { n: 3 }), (text) => conversations.hide(ann, id, 7, text)],
      [update('star', { n: 4 }), (text) => conversations.star(ann, { conversation: id, seq: 7, at: 1 }, true, text)],
      [update('cleared', { n: 5 }), (text) => conversations.clear(ann, id, 7, text)],
    ]
    for (const [text, save] of saves) {
      const places = await retry(() => save(text))
      expect(places.map(({ user }) => user)).toEqual([ann])
      const { rows } = await readQueue(other, ann, head)
      const row = rows.find(({ position }) => position === places[0]!.position)
      expect(row?.pointer).toEqual({ kind: 'update', update: text })
    }
    expect((await toldSince(other, bob, bobHead)).map(({ n }) => n)).not.toContain(expect.any(Number))
  },

  'of a save that failed both parts are there, or none': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const ann = unique('u')
    const { id } = await createGroup(node, [ann], stores.now())
    const head = await retry(() => node.queue.head(ann))
    const agrees = () =>
      eventually(stores, async () => {
        const told = await toldSince(other, ann, head)
        const of = (kind: string) => told.flatMap((row) => (row.kind === kind ? row.n : []))
        const { at } = await retry(() => node.conversations.settings(ann, id))
        expect(at).toBe(Math.max(0, ...of('settings')))
        const mark = await retry(() => node.conversations.readMark(ann, id))
        expect(mark).toMatchObject({ read: Math.max(0, ...of('read')) + 1 })
        const hidden = await retry(() => node.conversations.hidden(ann, id, 1, 100))
        expect(hidden).toEqual([...new Set(of('hidden'))].sort((a, b) => a - b))
        const stars = await retry(() => node.conversations.starsIn(ann, id, 1, 1))
        expect(stars.map(({ at }) => at)).toEqual(of('star').slice(-1))
        expect(await retry(() => node.conversations.cleared(ann, id))).toBe(Math.max(0, ...of('cleared')))
      })
    for (let n = 1; n <= 60; n++) {
      const { conversations } = n % 2 ? node : other
      const once = await Promise.allSettled([
        conversations.saveSettings(ann, id, { settings: { mutedUntil: n }, at: n }, update('settings', { n })),
        conversations.saveReadMark(ann, id, { read: n + 1, messages: n, own: 0 }, update('read', { n })),
        conversations.hide(ann, id, n, update('hidden', { n })),
        conversations.star(ann, { conversation: id, seq: 1, at: n }, true, update('star', { n })),
        conversations.clear(ann, id, n, update('cleared', { n })),
      ])
      const refusals = once.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      for (const reason of refusals) if (!isUnavailable(reason)) throw reason
      // What was left half done would be covered by the next save.
      if (refusals.length > 0) await agrees()
    }
    await agrees()
  },

  'stars that are put and taken at once end as the last row says': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const ann = unique('u')
    const { id } = await createGroup(node, [ann], stores.now())
    const head = await retry(() => node.queue.head(ann))
    for (let round = 0; round < 10; round++) {
      const saves = [0, 1, 2, 3].map((index) => {
        const n = round * 4 + index
        const { conversations } = index % 2 ? node : other
        const star = { conversation: id, seq: 1, at: n }
        return retry(() => conversations.star(ann, star, index % 3 !== 1, update('star', { n })))
      })
      await Promise.all(saves)
      const last = (await toldSince(other, ann, head)).findLast(({ kind }) => kind === 'star')?.n ?? 0
      const stars = await retry(() => node.conversations.starsIn(ann, id, 1, 1))
      expect(stars.map(({ at }) => at)).toEqual((last % 4) % 3 !== 1 ? [last] : [])
    }
  },

  'of settings that are saved at once the newest stay, in whatever order': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const ann = unique('u')
    const { id } = await createGroup(node, [ann], stores.now())
    for (let round = 0; round < 10; round++) {
      const times = [2, 4, 1, 3].map((index) => round * 4 + index)
      const saves = times.map((at) => {
        const { conversations } = at % 2 ? node : other
        const own = { settings: { mutedUntil: at }, at }
        return retry(() => conversations.saveSettings(ann, id, own, update('settings', { n: at })))
      })
      await Promise.all(saves)
      const at = round * 4 + 4
      expect(await retry(() => node.conversations.settings(ann, id))).toEqual({ settings: { mutedUntil: at }, at })
    }
  },
}
