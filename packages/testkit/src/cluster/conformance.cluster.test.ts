import { describe } from 'vitest'
import { missingEngines } from './cluster-space.ts'

process.env.PARLEY_TEST_NODES = '3'
process.env.PARLEY_TEST_ENGINES = 'yes'

/** Everything that holds on one node holds on three on the engines of a cluster. */
for (const suite of ['accounts', 'bad-input', 'kept', 'limits', 'operators', 'sending', 'socket', 'sync']) {
  describe.skipIf(missingEngines !== '')(`${suite}, on three nodes and engines${missingEngines}`, async () => {
    if (missingEngines === '') await import(`../conformance/${suite}.e2e.test.ts`)
  })
}
