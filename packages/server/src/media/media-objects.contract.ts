import { expect } from 'vitest'
import { type Rules, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import type { MediaNode } from './fixtures.contract.ts'

const two = async (stores: TestStores<MediaNode>): Promise<[MediaNode, MediaNode]> => [
  await stores.node(1),
  await stores.node(2),
]

const unusedAmong = async (node: MediaNode, keys: string[]) =>
  (await retry(() => node.objects.unused(10_000))).map(({ key }) => key).filter((key) => keys.includes(key))

export const mediaObjectsRules: Rules<MediaNode> = {
  'the same bytes are one object, used by many': async (stores) => {
    const [node, other] = await two(stores)
    const key = unique('k')
    const [a, b] = [unique('m'), unique('m')]
    for (const [by, media, at] of [
      [node, a, 100],
      [node, a, 90],
      [other, b, 300],
    ] as const) {
      expect(await retry(() => by.objects.claim({ key, size: 70 }, media, at))).toBe(true)
    }
    expect(await retry(() => other.objects.find(key))).toEqual({ key, size: 70, tier: 'hot', readAt: 300 })
    await retry(() => node.objects.release(a))
    expect(await unusedAmong(other, [key])).toEqual([])
    for (let n = 0; n < 2; n++) await retry(() => node.objects.release(b))
    expect(await unusedAmong(other, [key])).toEqual([key])
    expect(await retry(() => node.objects.find(unique('k')))).toBeUndefined()
  },

  'tells what each tier holds': async (stores) => {
    const [node, other] = await two(stores)
    const totalOf = async (tier: string) => {
      const found = (await retry(() => other.objects.totals())).find((one) => one.tier === tier)
      return { bytes: found?.bytes ?? 0, objects: found?.objects ?? 0 }
    }
    const [hot, cold] = [await totalOf('hot'), await totalOf('cold')]
    const keys = [unique('k'), unique('k'), unique('k')]
    for (const key of keys) await retry(() => node.objects.claim({ key, size: 70 }, unique('m'), 100))
    await retry(() => node.objects.setTier(keys[0]!, 'cold'))
    expect(await totalOf('hot')).toEqual({ bytes: hot.bytes + 140, objects: hot.objects + 2 })
    expect(await totalOf('cold')).toEqual({ bytes: cold.bytes + 70, objects: cold.objects + 1 })
  },

  'what nobody uses is claimed by nobody until it was removed; then it begins anew': async (stores) => {
    const [node, other] = await two(stores)
    const [key, kept] = [unique('k'), unique('k')]
    const [media, next] = [unique('m'), unique('m')]
    for (const one of [key, kept]) await retry(() => node.objects.claim({ key: one, size: 70 }, media, 100))
    await retry(() => node.objects.setTier(key, 'cold'))
    await retry(() => node.objects.release(media))
    // Somebody is faster than the removal.
    expect(await retry(() => other.objects.claim({ key: kept, size: 70 }, next, 200))).toBe(true)
    expect(await unusedAmong(node, [key, kept])).toEqual([key])
    expect(await retry(() => other.objects.claim({ key, size: 70 }, next, 200))).toBe(false)
    expect(await unusedAmong(node, [key, kept])).toEqual([key])
    for (let n = 0; n < 2; n++) await retry(() => node.objects.remove(key))
    expect(await unusedAmong(other, [key, kept])).toEqual([])
    expect(await retry(() => other.objects.claim({ key, size: 70 }, next, 200))).toBe(true)
    expect(await retry(() => node.objects.find(key))).toEqual({ key, size: 70, tier: 'hot', readAt: 200 })
    // What is in use is not removed.
    await retry(() => node.objects.remove(kept))
    expect(await retry(() => node.objects.find(kept))).toBeDefined()
  },

  'a claim and a removal at the same time: one wins': async (stores, { runs }) => {
    const [node, other] = await two(stores)
    for (let run = 0; run < Math.min(runs, 20); run++) {
      const [key, media, next] = [unique('k'), unique('m'), unique('m')]
      await retry(() => node.objects.claim({ key, size: 1 }, media, 1))
      await retry(() => node.objects.release(media))
      const [unused, claimed] = await Promise.all([
        unusedAmong(node, [key]),
        retry(() => other.objects.claim({ key, size: 1 }, next, 1)),
      ])
      expect(claimed).toBe(unused.length === 0)
    }
  },

  'reads are noted forward only': async (stores) => {
    const [node, other] = await two(stores)
    const [a, b] = [unique('k'), unique('k')]
    for (const key of [a, b]) await retry(() => node.objects.claim({ key, size: 1 }, unique('m'), 100))
    await retry(() =>
      node.objects.noteReads([
        { key: a, at: 500 },
        { key: b, at: 50 },
        { key: unique('k'), at: 1 },
      ]),
    )
    await retry(() => other.objects.noteReads([]))
    expect((await retry(() => other.objects.find(a)))?.readAt).toBe(500)
    expect((await retry(() => other.objects.find(b)))?.readAt).toBe(100)
  },

  'names hot objects that nobody read for long, with the media that use them': async (stores) => {
    const [node, other] = await two(stores)
    const media = [unique('m'), unique('m')]
    const stem = unique('k')
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((end) => stem + end) as [string, string, string, string]
    for (const key of [a, b, c, d]) await retry(() => node.objects.claim({ key, size: 5 }, media[0]!, 100))
    await retry(() => node.objects.claim({ key: b, size: 5 }, media[1]!, 100))
    await retry(() => node.objects.noteReads([{ key: c, at: 900 }]))
    for (let n = 0; n < 2; n++) await retry(() => node.objects.setTier(d, 'cold'))
    const unread = async (after: string, limit: number) =>
      (await retry(() => other.objects.unread(900, after, limit)))
        .filter(({ key }) => key.startsWith(stem))
        .map(({ key, media }) => [key, media.sort()])
    expect(await unread(stem, 2)).toEqual([
      [a, [media[0]]],
      [b, [...media].sort()],
    ])
    expect(await unread(a, 1)).toEqual([[b, [...media].sort()]])
    await retry(() => node.objects.setTier(d, 'hot'))
    expect((await unread(b, 100)).map(([key]) => key)).toEqual([d])
  },
}
