import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { operatorRecordsRules } from '../../operators/operator-records.contract.ts'
import { MemoryOperatorRecords } from './operator-records.ts'

async function open() {
  const operators = new MemoryOperatorRecords()
  return { ...movedTime(), node: async () => ({ operators }), close: async () => {} }
}

describeContract('operator records in memory', operatorRecordsRules, open, { runs: 100, exact: true })
