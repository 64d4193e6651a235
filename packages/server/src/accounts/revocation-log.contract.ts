import { expect } from 'vitest'
import { endsWithin, type Rules, retry } from '../lib/stores.contract.ts'
import { type AccountNode, device, withDevices } from './fixtures.contract.ts'
import type { Revocation, RevocationLog } from './revocation-log.ts'

export interface RevocationNode extends AccountNode {
  revocations: RevocationLog
}

/** What a node hears that asks again and again. */
async function listener({ revocations }: RevocationNode) {
  let mark = (await retry(() => revocations.since(undefined))).mark
  const heard = new Map<string, Revocation>()
  const ask = async () => {
    const answer = await retry(() => revocations.since(mark))
    mark = answer.mark
    for (const one of answer.revocations ?? []) heard.set(one.device, one)
    return answer.revocations
  }
  return { heard, ask }
}

export const revocationLogRules: Rules<RevocationNode> = {
  'removed devices are told on every node, with their tokens': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, devices } = await withDevices(node)
    const { heard, ask } = await listener(other)
    await retry(() => node.devices.remove(user, [devices[0].id], 'logged_out'))
    await ask()
    const [{ id, tokenHash }] = devices
    expect([...heard.values()]).toEqual([{ user, device: id, tokenHash, reason: 'logged_out' }])
    await retry(() => node.devices.remove(user, [id, devices[1].id], 'account_deleted'))
    await ask()
    expect([...heard.keys()].toSorted()).toEqual(devices.map((one) => one.id).toSorted())
    expect(heard.get(devices[1].id)?.reason).toBe('account_deleted')
  },

  'a deletion revokes the devices that are left': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { user, devices } = await withDevices(node)
    const { heard, ask } = await listener(other)
    await retry(() => node.accounts.erase(user, 700))
    await ask()
    const reason = 'account_deleted'
    expect(heard).toEqual(new Map(devices.map(({ id, tokenHash }) => [id, { user, device: id, tokenHash, reason }])))
  },

  'what stayed is not told': async (stores) => {
    const node = await stores.node()
    const [mine, theirs] = [await withDevices(node), await withDevices(node)]
    const { heard, ask } = await listener(node)
    await retry(() => node.devices.remove(mine.user, [mine.devices[0].id, theirs.devices[0].id], 'logged_out'))
    await ask()
    expect([...heard.keys()]).toEqual([mine.devices[0].id])
  },

  'nothing is missed, however many revoke while several ask': async (stores, { exact }) => {
    const nodes = [await stores.node(1), await stores.node(2), await stores.node(3)] as const
    const people = await Promise.all(Array.from({ length: 40 }, () => withDevices(nodes[0])))
    const listeners = [await listener(nodes[1]), await listener(nodes[2])]
    let busy = true
    const asking = listeners.map(async ({ ask }) => {
      while (busy) {
        await ask()
        await stores.pass(exact ? 0 : 1)
      }
    })
    await Promise.all(
      people.flatMap(({ user, devices }, index) => [
        retry(() => (nodes[index % 2] ?? nodes[0]).devices.remove(user, [devices[0].id], 'logged_out')),
        retry(() => nodes[2].accounts.erase(user, 700)),
      ]),
    )
    busy = false
    await Promise.all(asking)
    const expected = new Set(people.flatMap(({ devices }) => devices.map(({ id }) => id)))
    for (const { heard, ask } of listeners) {
      await ask()
      expect(new Set(heard.keys())).toEqual(expected)
    }
  },

  'too much to tell, and a mark that says nothing, are said to be': async (stores) => {
    const node = await stores.node()
    const { ask } = await listener(node)
    const { user } = await withDevices(node)
    const many = Array.from({ length: 12_000 }, (_, index) => device(user, index))
    await retry(() => node.devices.addAll(many))
    const ids = many.map(({ id }) => id)
    await retry(() => node.devices.remove(user, ids, 'logged_out'))
    expect(await ask()).toBeUndefined()
    expect(await ask()).toBeDefined()
    const { mark, revocations } = await retry(() => node.revocations.since('made up'))
    expect(revocations).toBeUndefined()
    await retry(() => node.revocations.since(mark))
  },

  'what is old is forgotten, a little at a time': async (stores, { exact }) => {
    const node = await stores.node()
    const { user } = await withDevices(node)
    const many = Array.from({ length: 25 }, (_, index) => device(user, index))
    await retry(() => node.devices.addAll(many))
    const ids = many.map(({ id }) => id)
    await retry(() => node.devices.remove(user, ids, 'logged_out'))
    const counts: number[] = []
    const trim = async (time: number) => {
      counts.push(await retry(() => node.revocations.trim(time, 10)))
      return counts.at(-1)
    }
    expect(await trim(stores.now() - 60_000)).toBe(0)
    for (const round = endsWithin(1000); (await trim(stores.now() + 60_000)) !== 0; ) round()
    expect(Math.max(...counts)).toBeLessThanOrEqual(10)
    if (exact) expect(counts).toEqual([0, 10, 10, 5, 0])
  },
}
