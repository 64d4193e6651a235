import { describe } from 'vitest'
import { missingEngines } from './cluster-space.ts'
import { missingObjects } from './object-space.ts'

process.env.PARLEY_TEST_NODES = '3'
process.env.PARLEY_TEST_ENGINES = 'yes'

const missing = missingEngines + missingObjects

/** What holds of media in a folder holds of media in S3. */
describe.skipIf(missing !== '')(`media on three nodes and engines${missing}`, async () => {
  if (missing === '') await import('../media/media.e2e.test.ts')
})
