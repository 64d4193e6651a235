import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { systemRandom } from '../../lib/random.ts'
import { SnowflakeGenerator } from '../../log/snowflake.ts'
import { openZooKeeper } from './zookeeper.ts'

/** A node in a process of its own, for tests that stop it: tells every 5 ms whether it leads, and an id that it made. */
const { coordinator } = await openZooKeeper(process.argv[2] as string, {
  clock: systemClock,
  random: systemRandom,
  logger: silentLogger,
})
await coordinator.announce({ id: 'child', url: 'c', link: 'c', roles: [], sessions: 0, draining: false })
const ids = new SnowflakeGenerator(systemClock, await coordinator.lease())
await ids.keepAhead()

setInterval(() => {
  let id: string | undefined
  try {
    id = ids.next('0').id
  } catch {
    // None is made now.
  }
  process.stdout.write(`${JSON.stringify({ at: Date.now(), id, leads: coordinator.leads('janitor') })}\n`)
}, 5)
