import { afterAll, beforeAll, describe } from 'vitest'
import { describeContract } from '../../lib/stores.contract.ts'
import { blobStoreRules } from '../../media/blob-store.contract.ts'
import { classes, missing, missingClasses, server, TestBucket } from './test-buckets.contract.ts'

const options = { runs: 20, exact: true }
/** The server that minds signatures has no storage classes. */
const { 'what is cold is restored before it is read, whole again': _, ...hotRules } = blobStoreRules

describe.skipIf(server === '')(`S3${missing}`, () => {
  let bucket: TestBucket
  beforeAll(async () => {
    bucket = await TestBucket.make(server)
  })
  afterAll(() => bucket.remove())
  describeContract('blob store', hotRules, () => bucket.open(), options)
})

for (const coldClass of ['GLACIER', 'DEEP_ARCHIVE'] as const) {
  describe.skipIf(classes === '')(`S3 with ${coldClass}${missingClasses}`, () => {
    let bucket: TestBucket
    beforeAll(async () => {
      bucket = await TestBucket.make(classes, { coldClass })
    })
    afterAll(() => bucket.remove())
    describeContract('blob store', blobStoreRules, () => bucket.open(), options)
  })
}
