import fc from 'fast-check'
import { expect } from 'vitest'
import { type Rules, type TestStores, unique } from '../lib/stores.contract.ts'
import { registrationLife, type SessionRegistry } from './session-registry.ts'

export interface RegistryNode {
  sessions: SessionRegistry
}

/** What the registry says, comparable. */
async function found(sessions: SessionRegistry, users: readonly string[]): Promise<Record<string, string[]>> {
  const nodes = await sessions.nodesOf(users)
  return Object.fromEntries([...nodes].map(([user, names]) => [user, [...names].sort()]))
}

async function twoRegistries(stores: TestStores<RegistryNode>): Promise<[SessionRegistry, SessionRegistry]> {
  return [(await stores.node(1)).sessions, (await stores.node(2)).sessions]
}

type Call = { by: number; does: 'add' | 'remove' | 'drop'; who: number[] }

const call: fc.Arbitrary<Call> = fc.record({
  by: fc.nat(1),
  does: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('add' as const, 'remove' as const) },
    { weight: 1, arbitrary: fc.constant('drop' as const) },
  ),
  who: fc.uniqueArray(fc.nat(3), { maxLength: 4 }),
})

export const sessionRegistryRules: Rules<RegistryNode> = {
  'names every node of those asked for, and nobody else': async (stores) => {
    const [one, other] = await twoRegistries(stores)
    const [a, b, nowhere] = [unique('u'), unique('u'), unique('u')]
    const [n, m] = [unique('n'), unique('n')].sort() as [string, string]
    await one.add(n, [a, b])
    await other.add(m, [a])
    expect(await found(other, [a, b, nowhere])).toEqual({ [a]: [n, m], [b]: [n] })
    expect(await found(one, [b, b])).toEqual({ [b]: [n] })
    expect(await found(one, [])).toEqual({})
    await one.add(n, [])
    await one.remove(n, [])
  },

  'a node takes out what it registered itself, and nothing of others': async (stores) => {
    const [one, other] = await twoRegistries(stores)
    const [user, n, m] = [unique('u'), unique('n'), unique('n')]
    await one.add(n, [user])
    await other.add(m, [user])
    await one.remove(n, [user, unique('u')])
    expect(await found(one, [user])).toEqual({ [user]: [m] })
    await one.dropNode(n)
    expect(await found(other, [user])).toEqual({ [user]: [m] })
    await other.dropNode(m)
    expect(await found(one, [user])).toEqual({})
  },

  'equals a model, whatever nodes call; the calls of one node count in the order made': async (stores, { runs }) => {
    const registries = await twoRegistries(stores)
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
        const users = [unique('u'), unique('u'), unique('u'), unique('u')]
        const nodes = [unique('n'), unique('n')]
        const model = new Map(users.map((user) => [user, new Set<string>()]))
        const pending: Promise<void>[] = []
        for (const { by, does, who } of calls) {
          const [registry, node] = [registries[by] as SessionRegistry, nodes[by] as string]
          const chosen = who.map((index) => users[index] as string)
          if (does === 'drop') for (const holders of model.values()) holders.delete(node)
          else for (const user of chosen) model.get(user)?.[does === 'add' ? 'add' : 'delete'](node)
          if (does === 'add') pending.push(registry.add(node, chosen))
          else if (does === 'remove') pending.push(registry.remove(node, chosen))
          else pending.push(registry.dropNode(node))
        }
        await Promise.all(pending)
        const expected = [...model].filter(([, holders]) => holders.size > 0)
        expect(await found(registries[0], users)).toEqual(
          Object.fromEntries(expected.map(([user, holders]) => [user, [...holders].sort()])),
        )
      }),
      { numRuns: runs },
    )
  },

  'holds many users of one node, and lets go of all of them at once': async (stores) => {
    const [one, other] = await twoRegistries(stores)
    const node = unique('n')
    const users = Array.from({ length: 2500 }, () => unique('u'))
    await one.add(node, users)
    expect(Object.keys(await found(other, users)).length).toBe(users.length)
    await one.dropNode(node)
    expect(await found(other, users)).toEqual({})
  },

  'is believed for a time, and longer when it is renewed': async (stores) => {
    const [one, other] = await twoRegistries(stores)
    const [old, renewed, node] = [unique('u'), unique('u'), unique('n')]
    await one.add(node, [old, renewed])
    await stores.pass(registrationLife / 2 + 1000)
    await one.add(node, [renewed])
    expect(await found(other, [old, renewed])).toEqual({ [old]: [node], [renewed]: [node] })
    await stores.pass(registrationLife / 2)
    expect(await found(other, [old, renewed])).toEqual({ [renewed]: [node] })
    await one.add(node, [old])
    expect(await found(other, [old])).toEqual({ [old]: [node] })
  },
}
