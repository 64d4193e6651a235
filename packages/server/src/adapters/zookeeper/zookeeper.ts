import { type Clock, sleep } from '../../lib/clock.ts'
import type { EngineReport } from '../../lib/engine-report.ts'
import { unavailable } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Random } from '../../lib/random.ts'
import { checkZooKeeper } from './check.ts'
import { ZooKeeperClient } from './client.ts'
import { ZooKeeperConnection } from './connection.ts'
import { folders, ZooKeeperCoordinator } from './coordinator.ts'
import { loadDriver } from './driver.ts'
import { ZooKeeperError } from './stored-node.ts'
import { WorkerNumbers } from './worker-numbers.ts'
import { parseZooKeeperUrl } from './zookeeper-url.ts'

/** So often, and with such pauses (ms), it is tried. */
const retireAttempts = 75
const retirePause = 200

export interface OpenZooKeeper {
  coordinator: ZooKeeperCoordinator
  /** For tests: whoever knows its session can end it. */
  connection: ZooKeeperConnection
  /** Nobody is given this worker number any more. @throws AppError `unavailable`; Error when somebody has it */
  retireWorker(worker: number): Promise<void>
  /** @throws AppError `unavailable` while it is away */
  check(): Promise<EngineReport>
  /** The others see at once that this node is gone. */
  close(): Promise<void>
}

/**
 * `zookeeper://h1:p,h2:p,h3:p/path?timeout=ms`. Does not wait for a connection: `lease` and `announce` do.
 * @throws Error when the URL is wrong or the driver is missing
 */
export async function openZooKeeper(
  url: string,
  { clock, random, logger }: { clock: Clock; random: Random; logger: Logger },
): Promise<OpenZooKeeper> {
  const parsed = parseZooKeeperUrl(url)
  const { servers, root, timeout } = parsed
  const driver = await loadDriver()
  const connection = new ZooKeeperConnection({
    create: (listener) => new ZooKeeperClient(driver, servers.join(','), timeout, clock, listener),
    timeout,
    root,
    folders,
    clock,
    logger,
  })
  const coordinator = new ZooKeeperCoordinator(connection, root, { clock, random, logger })
  connection.start()
  return {
    coordinator,
    connection,
    retireWorker: (worker) => retire(new WorkerNumbers(connection, root, clock), worker, clock),
    check: () => checkZooKeeper(connection, parsed, clock),
    close: () => coordinator.close(),
  }
}

/** The connection may still be on its way, and an answer may be lost: doing it again does no harm. */
async function retire(numbers: WorkerNumbers, worker: number, clock: Clock): Promise<void> {
  for (let left = retireAttempts; ; left--) {
    try {
      return await numbers.retire(worker)
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error
      if (left === 0) throw unavailable('ZooKeeper did not answer in time.', error)
    }
    await sleep(clock, retirePause)
  }
}
