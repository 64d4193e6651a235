import { expect } from 'vitest'
import { type Rules, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import { announced, completed, type MediaNode, plenty, reference } from './fixtures.contract.ts'

const two = async (stores: TestStores<MediaNode>): Promise<[MediaNode, MediaNode]> => [
  await stores.node(1),
  await stores.node(2),
]

const all = (node: MediaNode, media: string) => retry(() => node.references.of(media, '', 100))

export const mediaReferencesRules: Rules<MediaNode> = {
  'refers to what is complete, once per name': async (stores) => {
    const [node, other] = await two(stores)
    const owner = unique('u')
    const unfinished = announced(owner)
    await retry(() => node.catalogue.create(unfinished, plenty))
    expect(await retry(() => node.references.refer(reference(unfinished.id)))).toBe(false)
    expect(await retry(() => node.references.refer(reference(unique('m'))))).toBe(false)
    const { id } = await completed(node, owner)
    const ref = reference(id)
    for (const by of [node, other]) expect(await retry(() => by.references.refer(ref))).toBe(true)
    expect(await all(other, id)).toEqual([ref])
    expect(await all(other, unfinished.id)).toEqual([])
  },

  'is checked at the later of the times it was told; a settled one stays settled': async (stores) => {
    const [node, other] = await two(stores)
    const { id } = await completed(node, unique('u'))
    const ref = reference(id, { checkAt: 1000 })
    for (const checkAt of [1000, 2000, 1500]) await retry(() => node.references.refer({ ...ref, checkAt }))
    expect(await all(other, id)).toEqual([{ ...ref, checkAt: 2000 }])
    for (let n = 0; n < 2; n++) await retry(() => other.references.settle({ ...ref, seq: 7 }))
    expect(await retry(() => node.references.refer({ ...ref, checkAt: 9000 }))).toBe(true)
    expect(await all(node, id)).toEqual([{ ...ref, seq: 7, checkAt: undefined }])
  },

  'what is settled without having been there is there, as long as the object is': async (stores) => {
    const [node, other] = await two(stores)
    const { id } = await completed(node, unique('u'))
    const settled = { ...reference(id), seq: 3 }
    await retry(() => node.references.settle(settled))
    expect(await all(other, id)).toEqual([{ ...settled, checkAt: undefined }])
    const gone = unique('m')
    await retry(() => node.references.settle({ ...reference(gone), seq: 1 }))
    expect(await all(other, gone)).toEqual([])
  },

  'a picture is of everybody, or of a conversation': async (stores) => {
    const node = await stores.node()
    const { id } = await completed(node, unique('u'))
    const face = { media: id, by: 'u:ann', conversation: undefined, seq: undefined }
    await retry(() => node.references.refer({ ...face, checkAt: 1 }))
    await retry(() => node.references.settle(face))
    expect(await all(node, id)).toEqual([{ ...face, checkAt: undefined }])
  },

  'what is dropped is not there; dropping changes nothing else': async (stores) => {
    const [node, other] = await two(stores)
    const { id } = await completed(node, unique('u'))
    const [a, b] = [reference(id, { by: 'm:a' }), reference(id, { by: 'm:b' })]
    for (const ref of [a, b]) await retry(() => node.references.refer(ref))
    for (let n = 0; n < 2; n++) await retry(() => other.references.drop(id, 'm:a'))
    expect(await all(node, id)).toEqual([b])
    await retry(() => node.references.drop(unique('m'), 'm:b'))
    expect(await all(node, id)).toEqual([b])
  },

  'names those to be checked, also settled ones that were doubted': async (stores) => {
    const [node, other] = await two(stores)
    const { id } = await completed(node, unique('u'))
    const pending = reference(id, { by: 'm:pending', checkAt: 500 })
    const later = reference(id, { by: 'm:later', checkAt: 5000 })
    const settled = reference(id, { by: 'm:settled', seq: 4 })
    const sibling = { ...settled, by: 'm:sibling', seq: 5 }
    for (const ref of [pending, later]) await retry(() => node.references.refer(ref))
    for (const ref of [settled, sibling]) await retry(() => node.references.settle(ref))
    const doubtful = async (at: number) =>
      (await retry(() => other.references.doubtful(at, 10_000))).filter(({ media }) => media === id)
    expect(await doubtful(499)).toEqual([])
    expect(await doubtful(500)).toEqual([pending])
    await retry(() => node.references.doubt(id, settled.conversation!, 4, 800))
    const found = await doubtful(800)
    expect(found.sort((a, b) => (a.by < b.by ? -1 : 1))).toEqual([pending, { ...settled, checkAt: 800 }])
    await retry(() => node.references.settle(settled))
    expect(await doubtful(900)).toEqual([pending])
    expect((await retry(() => other.references.doubtful(9000, 1))).length).toBe(1)
  },

  'pages through many': async (stores) => {
    const node = await stores.node()
    const { id } = await completed(node, unique('u'))
    const names = ['m:a', 'm:B', 'm:b', 'm:c_', 'u:x'].sort()
    for (const by of names) await retry(() => node.references.settle(reference(id, { by, seq: 1 })))
    for (const limit of [1, 2, 5, 10]) {
      const found: string[] = []
      for (let after = ''; ; ) {
        const page = await retry(() => node.references.of(id, after, limit))
        expect(page.length).toBeLessThanOrEqual(limit)
        found.push(...page.map(({ by }) => by))
        if (page.length < limit) break
        after = page.at(-1)!.by
      }
      expect(found).toEqual(names)
    }
  },
}
