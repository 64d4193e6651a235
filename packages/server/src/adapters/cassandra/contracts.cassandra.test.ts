import { afterAll, beforeAll, describe } from 'vitest'
import { conversationStoreRules } from '../../conversations/conversation-store.contract.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { conversationLogRules } from '../../log/conversation-log.contract.ts'
import { receiptStoreRules } from '../../messages/receipt-store.contract.ts'
import { rowKinds } from './log-rows.ts'
import { migrations } from './migrations/all.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'
import { TestNodes } from './test-nodes.contract.ts'

describe.skipIf(server === '')(`stores on Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  beforeAll(async () => {
    keyspace = await makeTestKeyspace(migrations)
  })
  afterAll(() => keyspace.remove())

  const openWith = (bucketEntries: number | undefined) => async () => {
    const nodes = new TestNodes(keyspace.connection, { bucketEntries })
    return { ...realTime, node: () => nodes.node(), expire, close: () => nodes.close() }
  }

  /** What the engine does after 31 days. */
  async function expire(before: number): Promise<void> {
    for (const table of ['log', 'sends']) {
      const all = await keyspace.connection.execute({ query: `SELECT * FROM ${table}`, params: [] })
      for (const row of all) {
        if (row.key === '' || Number(row.at) >= before) continue
        const { conversation, bucket, slot, key } = row
        const place = table === 'log' ? `bucket = ? AND kind = ${rowKinds.send} AND seq = 0` : 'slot = ?'
        const query = `DELETE FROM ${table} WHERE conversation = ? AND ${place} AND key = ?`
        await keyspace.connection.execute({ query, params: [conversation, bucket ?? slot, key] })
      }
    }
  }

  // Three hosts on the two cores of one machine take their time.
  const options = { runs: server.includes(',') ? 3 : 8, exact: false }
  describeContract('conversation log', conversationLogRules, openWith(undefined), options)
  describeContract('conversation log, many buckets', conversationLogRules, openWith(8), options)
  describeContract('conversation store', conversationStoreRules, openWith(undefined), options)
  describeContract('receipt store', receiptStoreRules, openWith(undefined), options)
})
