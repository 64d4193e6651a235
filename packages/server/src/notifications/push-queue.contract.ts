import { expect } from 'vitest'
import { type Rules, unique } from '../lib/stores.contract.ts'
import { job, type PushNode, settled } from './fixtures.contract.ts'
import type { ClaimedJob, PushJob, PushQueue } from './push-queue.ts'

/** Times of these tests; stores are fresh, or shared with other tests that use other times: jobs are told by their device. */
const lease = 1000
const farAway = 1_000_000

async function claimOf(queue: PushQueue, { device }: PushJob, now: number): Promise<ClaimedJob | undefined> {
  return (await queue.claim(now, 1000, lease)).find((claimed) => claimed.device === device)
}

export const pushQueueRules: Rules<PushNode> = {
  'a job is given once it is due, to one notifier at a time, and again when that one never settles': async (stores) => {
    const [{ pushes }, other] = [await stores.node(1), await stores.node(2)]
    const one = job()
    await pushes.add([one])
    expect(await claimOf(pushes, one, 999)).toBeUndefined()
    const both = await Promise.all([claimOf(pushes, one, 1000), claimOf(other.pushes, one, 1000)])
    const [first] = both.filter((claimed) => claimed !== undefined)
    expect(both.filter((claimed) => claimed !== undefined)).toHaveLength(1)
    expect(first).toMatchObject({ ...one, shown: 0, tries: 0 })
    expect(await claimOf(other.pushes, one, 1000 + lease - 1)).toBeUndefined()
    const second = await claimOf(other.pushes, one, 1000 + lease)
    expect(second?.claim).not.toBe(first?.claim)
    // The first comes back: it has the job no more.
    await pushes.settle([settled(first as ClaimedJob, { result: 'nothing' })])
    await other.pushes.settle([settled(second as ClaimedJob, { result: 'later', at: 5000, failed: true })])
    expect(await claimOf(pushes, one, 4999)).toBeUndefined()
    expect(await claimOf(pushes, one, 5000)).toMatchObject({ tries: 1, seq: 1 })
  },

  'adding again keeps the earlier time, the later message, and a mention': async (stores) => {
    const { pushes } = await stores.node(1)
    const one = job({ seq: 5, position: '50', dueAt: 2000 })
    await pushes.add([one])
    await pushes.add([{ ...one, seq: 7, position: '70', dueAt: 3000, mentioned: true }])
    await pushes.add([{ ...one, seq: 6, position: '60', dueAt: 1500 }])
    expect(await claimOf(pushes, one, 1499)).toBeUndefined()
    expect(await claimOf(pushes, one, 1500)).toMatchObject({ seq: 7, position: '70', mentioned: true })
  },

  'what was shown is due again for a later message only, and when it was read': async (stores) => {
    const { pushes } = await stores.node(1)
    const one = job({ seq: 3 })
    await pushes.add([one])
    await pushes.settle([settled((await claimOf(pushes, one, 1000)) as ClaimedJob, { result: 'shown' })])
    await pushes.add([one])
    expect(await claimOf(pushes, one, farAway)).toBeUndefined()
    await pushes.read([{ ...one, seq: 2 }], 2000)
    expect(await claimOf(pushes, one, farAway)).toBeUndefined()
    await pushes.add([{ ...one, seq: 4, dueAt: 3000 }])
    const later = await claimOf(pushes, one, 3000)
    expect(later).toMatchObject({ seq: 4, shown: 3 })
    await pushes.settle([settled(later as ClaimedJob, { result: 'shown' })])
    await pushes.read([{ ...one, seq: 9 }], 4000)
    const read = await claimOf(pushes, one, 4000)
    expect(read).toMatchObject({ seq: 4, shown: 4 })
    await pushes.settle([settled(read as ClaimedJob, { result: 'withdrawn' })])
    await pushes.read([{ ...one, seq: 9 }], 5000)
    expect(await claimOf(pushes, one, farAway)).toBeUndefined()
  },

  'a message that comes while its job is claimed leaves the job due': async (stores) => {
    const [{ pushes }, other] = [await stores.node(1), await stores.node(2)]
    for (const result of ['shown', 'nothing', 'withdrawn'] as const) {
      const one = job()
      await pushes.add([one])
      const claimed = (await claimOf(pushes, one, 1000)) as ClaimedJob
      await other.pushes.add([{ ...one, seq: 2, position: '2', dueAt: 1100, mentioned: true }])
      expect(await claimOf(other.pushes, one, 1200)).toBeUndefined()
      await pushes.settle([settled(claimed, { result })])
      const again = await claimOf(other.pushes, one, 1200)
      expect(again).toMatchObject({ seq: 2, position: '2', mentioned: true, shown: result === 'shown' ? 1 : 0 })
      await pushes.settle([settled(again as ClaimedJob, { result: 'nothing' })])
    }
  },

  'waiting is not failing, and success forgets failures': async (stores) => {
    const { pushes } = await stores.node(1)
    const one = job()
    await pushes.add([one])
    for (const failed of [true, false, true]) {
      const claimed = (await claimOf(pushes, one, 1000)) as ClaimedJob
      await pushes.settle([settled(claimed, { result: 'later', at: 1000, failed })])
    }
    const claimed = (await claimOf(pushes, one, 1000)) as ClaimedJob
    expect(claimed.tries).toBe(2)
    await pushes.settle([settled(claimed, { result: 'shown' })])
    await pushes.add([{ ...one, seq: 2 }])
    expect(await claimOf(pushes, one, 1000)).toMatchObject({ tries: 0, shown: 1, mentioned: false })
  },

  'those due longest come first, and no more than asked for': async (stores) => {
    const { pushes } = await stores.node(1)
    const user = unique('u')
    const jobs = Array.from({ length: 20 }, (_, index) => job({ user, dueAt: 100 + ((index * 7) % 20) }))
    await pushes.add(jobs)
    const order = jobs.toSorted((a, b) => a.dueAt - b.dueAt).map(({ device }) => device)
    const first = await pushes.claim(500, 8, lease)
    expect(first.map(({ device }) => device)).toEqual(order.slice(0, 8))
    const rest = await pushes.claim(500, 100, lease)
    expect(rest.map(({ device }) => device)).toEqual(order.slice(8))
    await pushes.settle([...first, ...rest].map((claimed) => settled(claimed, { result: 'nothing' })))
  },

  'a device that is gone has no jobs, and others keep theirs': async (stores) => {
    const { pushes } = await stores.node(1)
    const [one, user] = [job(), unique('u')]
    const mine = [job({ user, device: one.device }), job({ user }), one]
    await pushes.add(mine)
    await pushes.forget(user, one.device)
    const claimed = await pushes.claim(1000, 1000, lease)
    expect(mine.map((each) => claimed.some((c) => c.user === each.user && c.device === each.device))).toEqual([
      false,
      true,
      true,
    ])
  },

  'what is shown is listed whole, page by page': async (stores) => {
    const { pushes } = await stores.node(1)
    const jobs = Array.from({ length: 7 }, () => job())
    await pushes.add(jobs)
    const devices = new Set(jobs.map(({ device }) => device))
    const claimed = (await pushes.claim(1000, 1000, lease)).filter(({ device }) => devices.has(device))
    await pushes.settle(claimed.slice(0, 5).map((each) => settled(each, { result: 'shown' })))
    await pushes.settle(claimed.slice(5).map((each) => settled(each, { result: 'nothing' })))
    const found = new Map<string, number>()
    for (let after: string | undefined, pages = 0; ; pages++) {
      expect(pages).toBeLessThan(10_000)
      const page = await pushes.shown(after, 2)
      for (const { device } of page.jobs) if (devices.has(device)) found.set(device, (found.get(device) ?? 0) + 1)
      if (page.next === undefined) break
      after = page.next
    }
    expect([...found.keys()].sort()).toEqual(
      claimed
        .slice(0, 5)
        .map(({ device }) => device)
        .sort(),
    )
    expect([...found.values()].every((count) => count === 1)).toBe(true)
  },

  'keeps where to look from': async (stores) => {
    const [{ pushes }, other] = [await stores.node(1), await stores.node(2)]
    for (const position of ['1800000000000', '1800000000001']) {
      await pushes.keepPosition(position)
      expect(await other.pushes.position()).toBe(position)
    }
  },

  'tells how much is due, and since when': async (stores) => {
    const { pushes } = await stores.node(1)
    const before = await pushes.state(50)
    await pushes.add([job({ dueAt: 10 }), job({ dueAt: 20 }), job({ dueAt: 80 })])
    const state = await pushes.state(50)
    expect(state.due - before.due).toBe(2)
    expect(state.oldest).toBeLessThanOrEqual(10)
    const claimed = await pushes.claim(80, 1000, lease)
    await pushes.settle(claimed.map((each) => settled(each, { result: 'nothing' })))
  },
}
