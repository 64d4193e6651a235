import { afterAll, beforeAll, describe } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { movesRules } from '../../migration/moves.contract.ts'
import { MemoryMessageSearch } from '../memory/message-search.ts'
import { MemoryStores } from '../memory/stores.ts'
import { migrations } from './migrations/all.ts'
import { CassandraQueueImport } from './queue-move.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'
import { TestNodes } from './test-nodes.contract.ts'

describe.skipIf(server === '')(`from one process to Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  beforeAll(async () => {
    keyspace = await makeTestKeyspace(migrations)
  })
  afterAll(() => keyspace.remove())

  const openWith = (bucketEntries: number | undefined) => async () => {
    const nodes = new TestNodes(keyspace.connection, { bucketEntries })
    const node = async () => {
      const { stores, queue, log, conversations, receipts } = await nodes.node()
      const imports = {
        log: stores.logImport,
        own: stores.ownImport,
        receipts: stores.receiptImport,
        queue: new CassandraQueueImport(keyspace.connection, systemClock),
      }
      return { queue, log, conversations, receipts, imports, search: new MemoryMessageSearch(new MemoryStores()) }
    }
    return { ...realTime, node, close: () => nodes.close() }
  }

  const options = { runs: 15, exact: false }
  describeContract('moves', movesRules, openWith(undefined), options)
  describeContract('moves, many buckets', movesRules, openWith(8), options)
})
