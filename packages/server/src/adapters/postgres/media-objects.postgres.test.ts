import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unique } from '../../lib/stores.contract.ts'
import { missing, nodesOver, query, server, TestDatabases } from './test-databases.contract.ts'

describe.skipIf(server === '')(`media objects in PostgreSQL${missing}`, () => {
  let databases: TestDatabases
  beforeAll(async () => {
    databases = await TestDatabases.make(1)
  })
  afterAll(() => databases.remove())

  it('what one node removes another is not told of, until it would be long done', async () => {
    const url = databases.fresh()
    const { node, close } = nodesOver(url)
    const [one, other] = [await node(), await node()]
    const keys = Array.from({ length: 70 }, (_, n) => `k${String(n).padStart(3, '0')}`)
    for (const key of keys) {
      const media = unique('m')
      await one.objects.claim({ key, size: 1 }, media, 1)
      await one.objects.release(media)
    }
    const first = (await one.objects.unused(200)).map(({ key }) => key)
    const second = (await other.objects.unused(200)).map(({ key }) => key)
    expect(first).toHaveLength(50)
    expect([...first, ...second].sort()).toEqual(keys)
    expect((await one.objects.unused(200)).map(({ key }) => key).sort(), 'once more, after an error').toEqual(
      first.sort(),
    )
    await query(url, "UPDATE media_objects SET removed_until = now() - interval '1 second' WHERE key = $1", [first[0]])
    expect((await other.objects.unused(200)).map(({ key }) => key)).toContain(first[0])
    await close()
  })
})
