import { afterAll, describe, expect, it } from 'vitest'
import { clusterRules, coordinatorRules } from '../../cluster/coordinator.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { systemRandom } from '../../lib/random.ts'
import { describeContract, realTime, unique, until } from '../../lib/stores.contract.ts'
import { connectClient, endSession, removeTree } from './fixtures.contract.ts'
import { openZooKeeper } from './zookeeper.ts'
import { parseZooKeeperUrl } from './zookeeper-url.ts'

const url = process.env.PARLEY_ZOOKEEPER_URL

describe.skipIf(url === undefined)(
  `ZooKeeper${url ? '' : ' (it is not running: npm run engines -- up zookeeper)'}`,
  { concurrent: false },
  () => {
    const servers = url ? parseZooKeeperUrl(url).servers.join(',') : ''
    const tests = `/parley-test-${unique('t')}`

    const open = async () => {
      const own = `zookeeper://${servers}${tests}/${unique('c')}?timeout=3000`
      const opened: { close(): Promise<void> }[] = []
      const node = async () => {
        const { coordinator, connection, check, close } = await openZooKeeper(own, {
          clock: systemClock,
          random: systemRandom,
          logger: silentLogger,
        })
        opened.push({ close })
        return { coordinator, check, expire: () => endSession(connection, servers), root: parseZooKeeperUrl(own).root }
      }
      const close = async () => {
        for (const one of opened) await one.close()
      }
      return { ...realTime, node, close }
    }

    afterAll(() => removeTree(servers, tests))

    describeContract('coordinator in ZooKeeper', coordinatorRules, open, { runs: 8, exact: true })
    describeContract('coordinator of several nodes in ZooKeeper', clusterRules, open, { runs: 8, exact: true })

    it('I8: a number that was taken away while its owner does not know: its ceiling is raised by the new owner only', async () => {
      const stores = await open()
      const [one, other] = [await stores.node(), await stores.node()]
      const lost = await one.coordinator.lease()
      await lost.raise(5000)
      const { worker } = lost
      const client = await connectClient(servers)
      await client.remove(`${one.root}/owners/${String(worker).padStart(4, '0')}`)
      await client.close(1000)
      const lease = await other.coordinator.lease()
      expect([lease.worker, lease.floor(), lost.held()]).toEqual([worker, 5000, true])
      await expect(lost.raise(7000)).rejects.toMatchObject({ code: 'unavailable' })
      expect(lease.ceiling()).toBe(5000)
      await lease.raise(6000)
      await until(() => lost.held() && lost.worker !== worker, 5000)
      await lost.raise(9000)
      expect([lease.ceiling(), lost.ceiling()]).toEqual([6000, 9000])
      await stores.close()
    })

    it('tells what `parley doctor` asks for', async () => {
      const stores = await open()
      const { coordinator, check } = await stores.node()
      await coordinator.lease()
      const report = await check()
      expect(report.engine).toBe('ZooKeeper')
      expect(report.version).toMatch(/^\d+\.\d+\.\d+$/)
      expect(report.latency).toBeLessThan(1000)
      expect(Math.abs(report.clockSkew ?? Number.NaN)).toBeLessThan(100)
      expect(report.settings).toMatchObject({ 'session timeout': '3000 ms' })
      expect(report.settings.servers).toMatch(/ (standalone|leader|follower)/)
      await stores.close()
    })
  },
)
