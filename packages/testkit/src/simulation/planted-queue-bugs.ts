import type { UserId } from '@parley/protocol'
import type { Ports } from '../../../server/src/app/services.ts'
import type { QueueRow, SyncQueue } from '../../../server/src/sync/sync-queue.ts'
import { altered } from './altered.ts'
import type { Disk } from './disk.ts'
import type { Plant } from './planted-log-bugs.ts'
import type { Bug } from './world.ts'

const inQueue = (alter: (queue: SyncQueue, disk: Disk) => Partial<SyncQueue>): Bug => ({
  ports: (ports: Ports, disk) => ({ ...ports, queue: altered(ports.queue, alter(ports.queue, disk)) }),
})

/** Every third wake is lost, which is no bug: a wake is a hint, and the queue is the truth. */
export function losingWakes(ports: Ports): Ports {
  let appended = 0
  const append: Ports['log']['append'] = async (batch) => {
    const outcome = await ports.log.append(batch)
    return outcome.status === 'appended' && ++appended % 3 === 0 ? { ...outcome, places: [] } : outcome
  }
  return { ...ports, log: altered(ports.log, { append }) }
}

/** Two rows of one conversation that stand side by side change places. */
function swapped(rows: readonly QueueRow[]): QueueRow[] {
  const next = [...rows]
  for (let at = 1; at < next.length; at++) {
    const [a, b] = [next[at - 1]!, next[at]!]
    if (a.pointer.kind !== 'entries' || b.pointer.kind !== 'entries') continue
    if (a.pointer.conversation !== b.pointer.conversation) continue
    next[at - 1] = { ...a, pointer: b.pointer }
    next[at] = { ...b, pointer: a.pointer }
    break
  }
  return next
}

/** Mistakes of sync queues and of cursors on them. */
export const queueBugs: Record<string, Plant> = {
  'no cursor check: a wake moves the cursor past what was not read': () => ({
    ports: (ports) => {
      const some = losingWakes(ports)
      return { ...some, queue: altered(some.queue, { follows: () => true }) }
    },
  }),
  'off-by-one cursor: a resume begins one too far': () => ({
    rewriteUp: (text) => {
      const frame = JSON.parse(text) as { t?: string; cursor?: string | null }
      const [epoch, after = ''] = frame.cursor?.split('.') ?? []
      if (frame.t !== 'hello' || !/^\d+$/.test(after)) return text
      return JSON.stringify({ ...frame, cursor: `${epoch}.${Number(after) + 1}` })
    },
  }),
  'the ack of one device moves the cursor of another': () =>
    inQueue((queue) => {
      const devices = new Map<UserId, string>()
      return {
        saveCursors: (cursors) =>
          queue.saveCursors(
            cursors.map((cursor) => {
              const other = devices.get(cursor.user) ?? cursor.device
              devices.set(cursor.user, cursor.device)
              return { ...cursor, device: other }
            }),
          ),
      }
    }),
  'queue rows of one conversation out of order': () =>
    inQueue((queue) => ({
      read: async (...args) => {
        const page = await queue.read(...args)
        return page && { ...page, rows: swapped(page.rows) }
      },
    })),
  'a full page is taken for the last one, and its end for read': () =>
    inQueue((queue) => ({
      read: async (user, after, limit) => {
        const page = await queue.read(user, after, limit)
        return page && page.rows.length > 2 ? { ...page, rows: page.rows.slice(0, -1) } : page
      },
    })),
  'a trimmed queue does not say so': () =>
    inQueue((queue, disk) => ({
      read: async (user, after, limit) => {
        const page = await queue.read(user, after, limit)
        return page ?? queue.read(user, String(disk.now.stores.queue(user).floor), limit)
      },
    })),
}
