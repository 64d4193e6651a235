import fc from 'fast-check'
import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { PresenceStore } from './presence-store.ts'

export interface PresenceNode {
  presence: PresenceStore
}

export const presenceStoreRules: Rules<PresenceNode> = {
  'tells of those asked for when they were last online, and of nobody else': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [a, b, never] = [unique('u'), unique('u'), unique('u')]
    await retry(() =>
      node.presence.saveLastOnline([
        { user: a, at: 1_800_000_000_123 },
        { user: b, at: 7 },
      ]),
    )
    expect(await retry(() => other.presence.lastOnline([a, never]))).toEqual(new Map([[a, 1_800_000_000_123]]))
    expect(await retry(() => other.presence.lastOnline([b, a, b]))).toEqual(
      new Map([
        [a, 1_800_000_000_123],
        [b, 7],
      ]),
    )
    expect(await retry(() => other.presence.lastOnline([]))).toEqual(new Map())
    await retry(() => node.presence.saveLastOnline([]))
  },

  'times move forward only, whichever node saves them and in whatever order': async (stores, { runs }) => {
    const nodes = [await stores.node(1), await stores.node(2)]
    const save = fc.record({ node: fc.nat(1), who: fc.nat(2), at: fc.integer({ min: 1, max: 50 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(save, { maxLength: 3 }), { maxLength: 6 }), async (rounds) => {
        const users = [unique('u'), unique('u'), unique('u')]
        const model = new Map<string, number>()
        for (const saves of rounds) {
          for (const index of [0, 1]) {
            const times = saves
              .filter(({ node }) => node === index)
              .map(({ who, at }) => ({ user: users[who] as string, at }))
            for (const { user, at } of times) model.set(user, Math.max(at, model.get(user) ?? 0))
            await retry(() => (nodes[index] as PresenceNode).presence.saveLastOnline(times))
          }
        }
        expect(await retry(() => (nodes[0] as PresenceNode).presence.lastOnline(users))).toEqual(model)
      }),
      { numRuns: runs },
    )
  },
}
