import { expect } from 'vitest'
import { type Rules, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import { announced, completed, facts, type MediaNode, plenty, reference } from './fixtures.contract.ts'

const two = async (stores: TestStores<MediaNode>): Promise<[MediaNode, MediaNode]> => [
  await stores.node(1),
  await stores.node(2),
]

export const mediaCatalogueRules: Rules<MediaNode> = {
  'keeps what was announced, on every node': async (stores) => {
    const [node, other] = await two(stores)
    const media = announced(unique('u'), { name: 'Ünïcode “name”.png', size: 3_000_000_000 })
    const bare = announced(media.owner)
    for (const one of [media, bare, media]) {
      expect(await retry(() => node.catalogue.create(one, 10_000_000_000))).toBe(true)
      expect(await retry(() => other.catalogue.find(one.id))).toEqual({ ...one, state: 'uploading' })
    }
    expect(await retry(() => other.catalogue.find(unique('m')))).toBeUndefined()
  },

  'refuses what is over the quota of its owner; what goes is free again': async (stores) => {
    const node = await stores.node()
    const owner = unique('u')
    const [first, second] = [announced(owner, { size: 600 }), announced(owner, { size: 500 })]
    expect(await retry(() => node.catalogue.create(first, 1000))).toBe(true)
    expect(await retry(() => node.catalogue.create(second, 1000))).toBe(false)
    expect(await retry(() => node.catalogue.find(second.id))).toBeUndefined()
    expect(await retry(() => node.catalogue.create(first, 1000)), 'repeated').toBe(true)
    expect(await retry(() => node.catalogue.create(announced(unique('u')), 1000)), 'of another').toBe(true)
    expect(await retry(() => node.catalogue.create(announced(owner, { size: 400 }), 1000))).toBe(true)
    expect(await retry(() => node.catalogue.usage(owner))).toEqual({ bytes: 1000, count: 2 })
    await retry(() => node.catalogue.forget(first.id))
    expect(await retry(() => node.catalogue.find(first.id)), 'not leaving').toBeDefined()
    expect(await retry(() => node.catalogue.condemn(first.id))).toBe(true)
    for (let n = 0; n < 2; n++) await retry(() => node.catalogue.forget(first.id))
    expect(await retry(() => node.catalogue.find(first.id))).toBeUndefined()
    expect(await retry(() => node.catalogue.create(second, 1000))).toBe(true)
    expect(await retry(() => node.catalogue.usage(unique('u')))).toEqual({ bytes: 0, count: 0 })
  },

  'is complete with the facts that came first': async (stores) => {
    const [node, other] = await two(stores)
    const media = await completed(node, unique('u'))
    const complete = { ...media, state: 'complete', facts }
    expect(await retry(() => other.catalogue.find(media.id))).toEqual(complete)
    const others = { ...facts, width: 1, waveform: [0, 1], duration: 1.5 }
    expect(await retry(() => other.catalogue.complete(media.id, others, 900))).toBe(true)
    expect(await retry(() => node.catalogue.find(media.id))).toEqual(complete)
    expect(await retry(() => node.catalogue.complete(unique('m'), facts, 900))).toBe(false)
  },

  'what is to go cannot be completed, and not be referred to': async (stores) => {
    const [node, other] = await two(stores)
    const [unfinished, media] = [announced(unique('u')), await completed(node, unique('u'))]
    await retry(() => node.catalogue.create(unfinished, plenty))
    for (const { id } of [unfinished, media]) {
      for (const by of [node, other]) expect(await retry(() => by.catalogue.condemn(id))).toBe(true)
      expect(await retry(() => node.catalogue.complete(id, facts, 700))).toBe(false)
      expect(await retry(() => node.references.refer(reference(id)))).toBe(false)
      expect(await retry(() => other.catalogue.find(id))).toMatchObject({ state: 'leaving' })
    }
    expect(await retry(() => node.catalogue.find(media.id))).toMatchObject({ facts })
    expect(await retry(() => node.catalogue.condemn(unique('m')))).toBe(false)
  },

  'nothing that something refers to can be made to go (I10)': async (stores) => {
    const [node, other] = await two(stores)
    const { id } = await completed(node, unique('u'))
    const ref = reference(id)
    expect(await retry(() => node.references.refer(ref))).toBe(true)
    expect(await retry(() => other.catalogue.condemn(id))).toBe(false)
    await retry(() => node.references.settle({ ...ref, seq: 1 }))
    expect(await retry(() => other.catalogue.condemn(id))).toBe(false)
    await retry(() => node.references.drop(id, ref.by))
    expect(await retry(() => other.catalogue.condemn(id))).toBe(true)
  },

  'of a reference and a removal at the same time one wins (I10)': async (stores, { runs }) => {
    const [node, other] = await two(stores)
    for (let run = 0; run < Math.min(runs, 30); run++) {
      const { id } = await completed(node, unique('u'))
      const [referred, condemned] = await Promise.all([
        retry(() => node.references.refer(reference(id))),
        retry(() => other.catalogue.condemn(id)),
      ])
      expect(referred).toBe(!condemned)
    }
  },

  'names what may go: unfinished, unreferenced and leaving ones': async (stores) => {
    const node = await stores.node()
    const owner = unique('u')
    const create = async (createdAt: number) => {
      const media = announced(owner, { createdAt })
      await retry(() => node.catalogue.create(media, plenty))
      return media.id
    }
    const [old, young] = [await create(100), await create(300)]
    const [idle, held] = [await completed(node, owner, 100), await completed(node, owner, 100)]
    await completed(node, owner, 300)
    await retry(() => node.references.refer(reference(held.id)))
    const leaving = await completed(node, owner, 900)
    await retry(() => node.catalogue.condemn(leaving.id))
    const deserted = async (limit: number) =>
      (await retry(() => node.catalogue.deserted({ unfinished: 300, unreferenced: 300 }, limit))).filter(
        (one) => one.owner === owner,
      )
    const found = await deserted(10_000)
    expect(found.map(({ id }) => id).sort()).toEqual([old, idle.id, leaving.id].sort())
    expect(found.map(({ id }) => id)).not.toContain(young)
    expect((await retry(() => node.catalogue.deserted({ unfinished: 300, unreferenced: 300 }, 2))).length).toBe(2)
  },
}
