import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { isUnavailable, unique } from '../../lib/stores.contract.ts'
import { batchOf, headOf, membersOf, message, readAll } from '../../log/appending.contract.ts'
import { emptyHead } from '../../log/entry.ts'
import { migrations } from './migrations/all.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'
import { TestNodes } from './test-nodes.contract.ts'

describe.skipIf(server === '')(`a node whose clock is wrong, on Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  beforeAll(async () => {
    keyspace = await makeTestKeyspace(migrations)
  })
  afterAll(() => keyspace.remove())

  it.each([3_600_000, -3_600_000])(
    '%i ms ahead: appends nothing that others would have to go on behind',
    async (off) => {
      let ahead = 0
      const clock = { ...systemClock, now: () => Date.now() + ahead }
      const nodes = new TestNodes(keyspace.connection, { clock, ahead: () => ahead })
      const others = new TestNodes(keyspace.connection)
      const [node, other] = [await nodes.node(), await others.node()]
      const [conversation, ann, bob] = [unique('c'), unique('u'), unique('u')]
      const projection = membersOf(conversation, [ann, bob])
      await node.log.append(batchOf(conversation, emptyHead(0), [message(ann, 'm1')], [ann, bob], { projection }))
      const head = await headOf(other, conversation)
      ahead = off
      const refused = await node.log
        .append(batchOf(conversation, head, [message(ann, 'm2')], [ann, bob]))
        .catch((e) => e)
      expect(isUnavailable(refused)).toBe(true)
      expect(await readAll(other, conversation)).toHaveLength(1)
      ahead = 0
      await node.stores.stop()
      await expect
        .poll(() => node.log.append(batchOf(conversation, head, [message(ann, 'm2')], [ann, bob])).catch(() => 0))
        .toMatchObject({ status: 'appended' })
      await Promise.all([nodes.close(), others.close()])
    },
  )
})
