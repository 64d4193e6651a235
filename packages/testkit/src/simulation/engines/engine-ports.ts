import type { ConversationId } from '@parley/protocol'
import { QueueTime } from '../../../../server/src/adapters/cassandra/queue-time.ts'
import type { LateRows, ReachedRows } from '../../../../server/src/adapters/unsteady/late-rows.ts'
import { LateSyncQueue, type RowWire } from '../../../../server/src/adapters/unsteady/late-sync-queue.ts'
import type { Clock } from '../../../../server/src/lib/clock.ts'
import type { ConversationLog } from '../../../../server/src/log/conversation-log.ts'
import type { SyncQueue } from '../../../../server/src/sync/sync-queue.ts'
import { altered } from '../altered.ts'
import type { Chance } from '../chance.ts'
import type { Write } from '../disk.ts'
import type { DiskTrouble } from '../disk-ports.ts'
import type { MachineClock, SimTime } from '../sim-time.ts'
import { lateness, type StoredPorts } from '../store-set.ts'
import type { Engine } from './engine.ts'
import type { EngineBug } from './engine-bug.ts'
import { EngineLine } from './engine-line.ts'
import { EngineLog } from './engine-log.ts'

/** µs that lie between the times of two writes of one node. */
const gap = 100

/** What one process reaches of the engines. */
export function enginePorts(
  engine: Engine,
  life: {
    node: string
    clock: MachineClock
    time: SimTime
    chance: Chance
    trouble: (port: Write['port']) => DiskTrouble
    bug: EngineBug
  },
): StoredPorts {
  const { node, clock, time, chance, trouble, bug } = life
  const engineClock = time.machine()
  const trusted = new QueueTime({
    clock,
    lateness,
    measure: async () => ({
      ahead: bug.clockTrusted ? 0 : clock.now() - engineClock.now(),
      error: chance.between(0, 5),
    }),
  })
  // The engine answers at once, or the clock goes on being taken for what it was.
  void trusted.start()
  let taken = 0
  const takeTime = (): number => {
    taken = Math.max(trusted.now() * 1000, taken + gap)
    return taken
  }
  const letters = Array.from({ length: 8 }, () => String.fromCharCode(97 + chance.below(26)))
  const writer = `u${letters.join('')}`
  const line = new EngineLine(engine, { clock, time, chance, trouble, takeTime, writer })
  const times = bug.timesIgnored ? forgetful<ConversationId, number>() : new Map<ConversationId, number>()
  const wire: RowWire = {
    insert: async (user, row) => {
      const slow = bug.slowRowsStay ? { chance: 0.2, most: 2 } : { chance: trouble('rows').slow / 3, most: 0.55 }
      const write: Write = { port: 'rows', method: 'insert', args: [user, row], at: clock.now() }
      const way = chance.is(slow.chance) ? chance.between(0, lateness * slow.most) : 0
      await line.send(write, { late: true, slow: way })
    },
    reading: () => line.ask('rows', () => {}),
  }
  const reachable = reached(() => engine.disk.now.rows, times)
  const tools = { clock: trustedClock(clock, trusted, bug.slowRowsStay), random: chance.random, within: lateness, wire }
  const own = new LateSyncQueue(reachable, tools)
  const ports = line.ports()
  const log = new EngineLog({ line, queue: own, times, node, clock, bug })
  return {
    ...ports,
    queue: altered<SyncQueue>(ports.queue, { late: own.late, read: own.read.bind(own), head: own.head.bind(own) }),
    log: altered<ConversationLog>(ports.log, {
      append: (batch) => log.append(batch),
      complete: (conversation) => log.complete(conversation),
      completeLeft: (live) => log.completeLeft(live),
      read: (conversation, range) => log.read(conversation, range),
    }),
  }
}

/** The rows, also when they were restored; what is known of their times is this node's own. */
function reached(rows: () => LateRows, times: ReachedRows['times']): ReachedRows {
  return {
    times,
    of: (user) => rows().of(user),
    floor: (user) => rows().floor(user),
    insert: (user, row) => rows().insert(user, row),
    trim: (time, limit) => rows().trim(time, limit),
    get cursors() {
      return rows().cursors
    },
  }
}

/** `still`: no time passes while a row is written. */
const trustedClock = (clock: MachineClock, time: QueueTime, still = false): Clock => ({
  now: () => time.now(),
  monotonic: () => (still ? 0 : clock.monotonic()),
  after: (delay, run) => clock.after(delay, run),
  every: (period, run) => clock.every(period, run),
  soon: (run) => clock.soon(run),
})

function forgetful<Key, Value>(): Map<Key, Value> {
  const map = new Map<Key, Value>()
  return Object.assign(map, { set: () => map })
}
