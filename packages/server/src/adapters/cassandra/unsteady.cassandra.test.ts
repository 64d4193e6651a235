import { afterAll, beforeAll, describe } from 'vitest'
import { conversationStoreRules } from '../../conversations/conversation-store.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { conversationLogRules } from '../../log/conversation-log.contract.ts'
import { receiptStoreRules } from '../../messages/receipt-store.contract.ts'
import { type FaultRates, Faults } from '../unsteady/faults.ts'
import { unsteady } from '../unsteady/unsteady.ts'
import { migrations } from './migrations/all.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'
import { TestNodes } from './test-nodes.contract.ts'

/** Of every statement. */
const rates: FaultRates = { turns: 3, refused: 0.02, lost: 0.03, late: 0.02, died: 0 }

/** Nothing ages here: answers that get lost would be those of the test's own deletes. */
const { 'D2: sends are forgotten once they are old, no earlier; their entries stay': _, ...logRules } =
  conversationLogRules
/** Looks at every conversation that these tests wrote to, so that one of its many reads always fails. */
const { 'names the conversations with entries since a time, in order of it': __, ...conversationRules } =
  conversationStoreRules

describe.skipIf(server === '')(`stores on a Cassandra whose answers get lost${missing}`, () => {
  let keyspace: TestKeyspace
  beforeAll(async () => {
    keyspace = await makeTestKeyspace(migrations)
  })
  afterAll(() => keyspace.remove())

  const open = async () => {
    const nodes = new TestNodes(keyspace.connection, { bucketEntries: 8 })
    const node = (seed = 0) => {
      const faults = new Faults(seededRandom(seed), systemClock, rates)
      const late = ['execute', 'batch', 'conditional'] as const
      return nodes.node(unsteady(keyspace.connection, faults, { pure: ['hosts'], late }))
    }
    return { ...realTime, node, close: () => nodes.close() }
  }

  const options = { runs: server.includes(',') ? 3 : 6, exact: false }
  describeContract('conversation log', logRules, open, options)
  describeContract('conversation store', conversationRules, open, options)
  describeContract('receipt store', receiptStoreRules, open, options)
})
