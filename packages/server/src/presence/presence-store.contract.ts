import fc from 'fast-check'
import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import { type PresenceStore, statusLife } from './presence-store.ts'

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

  'tells what each node says of a user, until that node says otherwise or is gone': async (stores) => {
    const [one, other] = [(await stores.node(1)).presence, (await stores.node(2)).presence]
    const [a, b, nowhere, n, m] = [unique('u'), unique('u'), unique('u'), unique('n'), unique('n')]
    const [online, away, offline] = (['online', 'away', 'offline'] as const).map((status) => ({ user: a, status }))
    await retry(() => one.saveStatus(n, [online!, { user: b, status: 'away' }]))
    await retry(() => other.saveStatus(m, [away!]))
    expect(await said(one, [a, b, nowhere, a])).toEqual({
      [a]: [`${m} away`, `${n} online`].sort(),
      [b]: [`${n} away`],
    })
    await retry(() => one.saveStatus(n, [offline!]))
    expect(await said(other, [a])).toEqual({ [a]: [`${m} away`] })
    await retry(() => one.saveStatus(n, [away!]))
    await retry(() => one.dropNode(m))
    expect(await said(other, [a, b])).toEqual({ [a]: [`${n} away`], [b]: [`${n} away`] })
    expect(await said(other, [])).toEqual({})
    await retry(() => one.saveStatus(n, []))
  },

  'tells when it was said, and believes it for a time': async (stores) => {
    const [one, other] = [(await stores.node(1)).presence, (await stores.node(2)).presence]
    const [old, renewed, n] = [unique('u'), unique('u'), unique('n')]
    const before = stores.now()
    for (const user of [old, renewed]) await retry(() => one.saveStatus(n, [{ user, status: 'online' }]))
    const [first] = (await retry(() => other.statusOf([old]))).get(old) ?? []
    expect(first?.at).toBeGreaterThanOrEqual(before)
    expect(first?.at).toBeLessThanOrEqual(stores.now())
    await stores.pass(statusLife / 2 + 1000)
    await retry(() => one.saveStatus(n, [{ user: renewed, status: 'online' }]))
    await stores.pass(statusLife / 2)
    expect(await said(other, [old, renewed])).toEqual({ [renewed]: [`${n} online`] })
  },

  'calls of one node count in the order made': async (stores, { runs }) => {
    const { presence } = await stores.node(1)
    const step = fc.record({ who: fc.nat(2), status: fc.constantFrom('online', 'away', 'offline') })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 8 }), async (calls) => {
        const [node, users] = [unique('n'), [unique('u'), unique('u'), unique('u')]]
        const model: Record<string, string[]> = {}
        const pending = calls.map((steps) => {
          for (const { who, status } of steps) {
            if (status === 'offline') delete model[users[who]!]
            else model[users[who]!] = [`${node} ${status}`]
          }
          return presence.saveStatus(
            node,
            steps.map(({ who, status }) => ({ user: users[who]!, status })),
          )
        })
        await Promise.all(pending)
        expect(await said(presence, users)).toEqual(model)
      }),
      { numRuns: Math.min(runs, 500) },
    )
  },
}

/** What nodes say, comparable. */
async function said(presence: PresenceStore, users: readonly string[]): Promise<Record<string, string[]>> {
  const statuses = await retry(() => presence.statusOf(users))
  return Object.fromEntries(
    [...statuses].map(([user, all]) => [user, all.map(({ node, status }) => `${node} ${status}`).sort()]),
  )
}
