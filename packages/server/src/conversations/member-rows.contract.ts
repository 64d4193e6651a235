import fc from 'fast-check'
import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'

import { type ConversationNode, createGroup, nodesOf } from './fixtures.contract.ts'

/** What each member keeps for themselves. */
export const memberRowsRules: Rules<ConversationNode> = {
  "keeps a member's settings, the last ones saved": async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(node, [ann, bob], stores.now())
    await retry(() => node.conversations.saveSettings(ann, id, { pinned: true, mutedUntil: 17 }))
    expect(await retry(() => other.conversations.settings(ann, id))).toEqual({ pinned: true, mutedUntil: 17 })
    await retry(() => other.conversations.saveSettings(ann, id, { notify: 'none', archived: false }))
    expect(await retry(() => node.conversations.settings(ann, id))).toEqual({ notify: 'none', archived: false })
    expect(await retry(() => node.conversations.settings(bob, id))).toEqual({})
  },

  'I7: read marks only move forward, whoever saves them': async (stores, { runs }) => {
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(await stores.node(), [ann, bob], stores.now())
    const mark = (read: number) => ({ user: ann, conversation: id, read, messages: read * 2, own: read })
    let highest = 1
    const race = fc.asyncProperty(fc.nat(), fc.array(fc.array(fc.integer({ min: 1, max: 5 }))), async (seed, lists) => {
      const start = highest
      await Promise.all(
        lists.map(async (steps, index) => {
          const { conversations } = await stores.node(seed + index)
          for (const step of steps) {
            const read = start + step
            await retry(() => conversations.saveReadMarks([mark(read)]))
            highest = Math.max(highest, read)
            const stored = await retry(() => conversations.readMark(ann, id))
            expect(stored!.read).toBeGreaterThanOrEqual(read)
            expect(stored!.messages, 'the counts belong to the mark').toBe(stored!.read > 1 ? stored!.read * 2 : 0)
          }
        }),
      )
      const { conversations } = await stores.node(seed)
      expect((await retry(() => conversations.readMark(ann, id)))!.read).toBe(highest)
    })
    await fc.assert(race, { numRuns: Math.min(runs, 50) })
    const node = await stores.node()
    await retry(() =>
      node.conversations.saveReadMarks([
        { ...mark(highest), messages: 0 },
        { ...mark(5), user: bob },
      ]),
    )
    expect((await retry(() => node.conversations.readMark(ann, id)))!.messages).not.toBe(0)
    expect(await retry(() => node.conversations.readMark(bob, id))).toEqual({ read: 5, messages: 10, own: 5 })
  },

  'remembers what a member hid for themselves': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const { id } = await createGroup(node, [ann, bob], stores.now())
    for (const seq of [7, 2, 12, 2]) await retry(() => node.conversations.hide(ann, id, seq))
    const hidden = (user: string, from: number, to: number) =>
      retry(() => other.conversations.hidden(user, id, from, to))
    expect(await hidden(ann, 1, 100)).toEqual([2, 7, 12])
    expect(await hidden(ann, 2, 7)).toEqual([2, 7])
    expect(await hidden(ann, 3, 6)).toEqual([])
    expect(await hidden(bob, 1, 100)).toEqual([])
  },
}
