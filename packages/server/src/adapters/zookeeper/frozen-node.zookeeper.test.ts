import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { systemRandom } from '../../lib/random.ts'
import { unique, until } from '../../lib/stores.contract.ts'
import { snowflakeLow } from '../../log/snowflake-parts.ts'
import { removeTree } from './fixtures.contract.ts'
import { expectUnique, IdProbe } from './id-probe.contract.ts'
import { openZooKeeper } from './zookeeper.ts'
import { parseZooKeeperUrl } from './zookeeper-url.ts'

const given = process.env.PARLEY_ZOOKEEPER_URL
const title = `A node that stands still${given ? '' : ' (ZooKeeper is not running: npm run engines -- up zookeeper)'}`

interface Told {
  at: number
  id?: string
  leads: boolean
}

describe.skipIf(given === undefined)(title, () => {
  const servers = given ? parseZooKeeperUrl(given).servers.join(',') : ''
  const tests = `/parley-test-${unique('t')}`
  const cleanUp: (() => unknown)[] = []
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step()
    await removeTree(servers, tests)
  })

  it('I8: for longer than its session lasts: it neither leads nor makes ids when it goes on, until it may again', async () => {
    // So short that its ceiling lies in the past when it goes on: its number is given to another.
    const timeout = 1500
    const url = `zookeeper://${servers}${tests}?timeout=${timeout}`
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./node-process.contract.ts', import.meta.url)), url],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    cleanUp.push(() => child.kill('SIGKILL'))
    const told: Told[] = []
    createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Told))
    await until(() => told.at(-1)?.leads === true && told.length > 100, 15_000)

    const node = await openZooKeeper(url, { clock: systemClock, random: systemRandom, logger: silentLogger })
    cleanUp.push(() => node.close())
    const led: number[] = []
    const watching = setInterval(() => {
      if (node.coordinator.leads('janitor')) led.push(Date.now())
    }, 2)
    cleanUp.push(() => clearInterval(watching))
    await until(() => node.coordinator.nodes().some(({ id }) => id === 'child'), 5000)

    child.kill('SIGSTOP')
    const stopped = Date.now()
    const taken = await until(() => led.length > 0, 10_000)
    expect(taken).toBeLessThan(timeout * 2 + 1000)
    expect(node.coordinator.nodes()).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, timeout * 3))
    const probe = await IdProbe.start(node.coordinator)
    cleanUp.push(() => probe.stop())
    const worker = (await node.coordinator.lease()).worker
    await until(() => probe.ids.length > 50, 5000)

    const before = told.length
    child.kill('SIGCONT')
    const continued = Date.now()
    const first = () => told.slice(before).find(({ at, id }) => at >= continued && id !== undefined)
    await until(() => first() !== undefined, 10_000)
    await until(() => node.coordinator.nodes().some(({ id }) => id === 'child'), 10_000)
    await until(() => told.length > before + 100, 5000)

    const workerOf = (id: string): number => snowflakeLow(id) >> 12
    expect(worker).toBe(workerOf(told[0]?.id as string))
    const later = told.filter(({ at, id }) => at >= continued && id !== undefined)
    expect(later.some(({ id }) => workerOf(id as string) === worker)).toBe(false)
    expect(told.filter(({ at, leads }) => leads && at > stopped + timeout && at >= (led[0] as number))).toEqual([])
    expectUnique([probe, { ids: told.flatMap(({ id }) => (id === undefined ? [] : [id])) }])
  }, 60_000)
})
