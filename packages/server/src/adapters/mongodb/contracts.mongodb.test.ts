import { afterAll, describe, expect, it } from 'vitest'
import { sessionRegistryRules } from '../../delivery/session-registry.contract.ts'
import { silentLogger } from '../../lib/logger.ts'
import { describeContract, movedTime, unique } from '../../lib/stores.contract.ts'
import { presenceStoreRules } from '../../presence/presence-store.contract.ts'
import { loadDriver } from './driver.ts'
import { openMongo } from './mongodb.ts'

const given = process.env.PARLEY_SESSIONS_URL
const url = given?.startsWith('mongodb') ? given : undefined

describe.skipIf(url === undefined)(
  `MongoDB${url ? '' : ' (none is running: npm run engines -- up mongodb)'}`,
  { concurrent: false },
  () => {
    const database = unique('parley_test_')
    const own = new URL(url ?? 'mongodb://none')
    own.pathname = `/${database}`

    const open = async () => {
      const { clock, ...time } = movedTime()
      const prefix = `${unique('p')}_`
      const opened: { close(): Promise<void> }[] = []
      const node = async () => {
        const mongo = await openMongo(own.href, { clock, logger: silentLogger, prefix })
        opened.push(mongo)
        return mongo
      }
      const close = async () => {
        for (const mongo of opened) await mongo.close()
      }
      return { ...time, node, close }
    }

    afterAll(async () => {
      const client = (await loadDriver(own.href))()
      await client.db().dropDatabase()
      await client.close()
    })

    describeContract('session registry in MongoDB', sessionRegistryRules, open, { runs: 25, exact: true })
    describeContract('presence store in MongoDB', presenceStoreRules, open, { runs: 25, exact: true })

    it('tells what `parley doctor` asks for', async () => {
      const stores = await open()
      const report = await (await stores.node()).check()
      expect(report).toMatchObject({ engine: 'MongoDB', settings: { writable: 'yes', members: '1' } })
      expect(report.version).toMatch(/^\d+\.\d+/)
      expect(report.latency).toBeLessThan(1000)
      expect(Math.abs(report.clockSkew ?? Number.NaN)).toBeLessThan(100)
      expect(report.advice.join()).toContain('replica set')
      await stores.close()
    })
  },
)
