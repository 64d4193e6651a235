import { afterAll, beforeAll, describe } from 'vitest'
import { accountStoreRules } from '../../accounts/account-store.contract.ts'
import { blockStoreRules } from '../../accounts/block-store.contract.ts'
import { deviceStoreRules } from '../../accounts/device-store.contract.ts'
import { revocationLogRules } from '../../accounts/revocation-log.contract.ts'
import { secretStoreRules } from '../../cluster/secret-store.contract.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { mediaCatalogueRules } from '../../media/media-catalogue.contract.ts'
import { mediaObjectsRules } from '../../media/media-objects.contract.ts'
import { mediaReferencesRules } from '../../media/media-references.contract.ts'
import { messageSearchRules } from '../../messages/message-search.contract.ts'
import { pushQueueRules } from '../../notifications/push-queue.contract.ts'
import { registrationStoreRules } from '../../notifications/registration-store.contract.ts'
import { operatorRecordsRules } from '../../operators/operator-records.contract.ts'
import { missing, nodesOver, server, TestDatabases } from './test-databases.contract.ts'

describe.skipIf(server === '')(`PostgreSQL${missing}`, () => {
  for (const count of [1, 2]) {
    describe(count === 1 ? 'one database' : 'users spread over two databases', () => {
      let databases: TestDatabases
      beforeAll(async () => {
        databases = await TestDatabases.make(count)
      })
      afterAll(() => databases.remove())

      const open = async () => ({ ...realTime, ...nodesOver(databases.fresh()) })
      const options = { runs: 20, exact: true }
      describeContract('account store', accountStoreRules, open, options)
      describeContract('device store', deviceStoreRules, open, options)
      describeContract('block store', blockStoreRules, open, options)
      describeContract('revocation log', revocationLogRules, open, options)
      describeContract('secret store', secretStoreRules, open, options)
      describeContract('operator records', operatorRecordsRules, open, options)
      describeContract('message search', messageSearchRules, open, options)
      describeContract('media catalogue', mediaCatalogueRules, open, options)
      describeContract('media references', mediaReferencesRules, open, options)
      describeContract('media objects', mediaObjectsRules, open, options)
      describeContract('registration store', registrationStoreRules, open, options)
      describeContract('push queue', pushQueueRules, open, options)
    })
  }
})
