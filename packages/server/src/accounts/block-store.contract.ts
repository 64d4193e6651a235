import { expect } from 'vitest'
import { type Rules, retry } from '../lib/stores.contract.ts'
import { type AccountNode, created } from './fixtures.contract.ts'

export const blockStoreRules: Rules<AccountNode> = {
  'a block has a direction, and is there once': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [a, b] = [(await created(node)).id, (await created(node)).id]
    for (let i = 0; i < 2; i++) await retry(() => node.blocks.add(a, b))
    expect(await retry(() => other.blocks.of(a))).toEqual([b])
    expect(await retry(() => other.blocks.of(b))).toEqual([])
    for (let i = 0; i < 2; i++) await retry(() => other.blocks.remove(a, b))
    expect(await retry(() => node.blocks.of(a))).toEqual([])
  },

  'many of one user are listed, each once': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [a, ...others] = await Promise.all(Array.from({ length: 6 }, async () => (await created(node)).id))
    if (a === undefined) throw new Error('nobody')
    await Promise.all([...others, ...others].map((one) => retry(() => other.blocks.add(a, one))))
    expect((await retry(() => node.blocks.of(a))).toSorted()).toEqual(others.toSorted())
  },

  'a deletion takes the user’s own blocks, and leaves those of others': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [user, friend] = [(await created(node)).id, (await created(node)).id]
    await retry(() => node.blocks.add(user, friend))
    await retry(() => node.blocks.add(friend, user))
    await retry(() => node.accounts.erase(user, 700))
    expect(await retry(() => other.blocks.of(user))).toEqual([])
    expect(await retry(() => other.blocks.of(friend))).toEqual([user])
    await retry(() => other.blocks.add(user, friend))
    expect(await retry(() => node.blocks.of(user))).toEqual([])
    await retry(() => other.blocks.remove(friend, user))
    expect(await retry(() => node.blocks.of(friend))).toEqual([])
  },
}
