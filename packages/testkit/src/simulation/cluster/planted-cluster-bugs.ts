import type { Ports } from '../../../../server/src/app/services.ts'
import type { AppendBatch } from '../../../../server/src/log/conversation-log.ts'
import type { Lateness, SyncQueue } from '../../../../server/src/sync/sync-queue.ts'
import { altered } from '../altered.ts'
import type { Plant } from '../planted-log-bugs.ts'
import type { Bug } from '../world.ts'

const inQueue = (alter: (queue: SyncQueue) => Partial<SyncQueue>): Bug => ({
  ports: (ports: Ports) => ({ ...ports, queue: altered(ports.queue, alter(ports.queue)) }),
})

const inLate = (alter: (late: Lateness) => Partial<Lateness>): Bug =>
  inQueue((queue) => ({ late: altered(queue.late as Lateness, alter(queue.late as Lateness)) }))

/** Mistakes that only several nodes can make, over engines that they share. */
export const clusterBugs: Record<string, Plant> = {
  'overlap W forgotten: what was read once is not looked at again': () => inLate((late) => ({ settled: late.latest })),
  'a row whose write was slow stays where it lies': () => ({
    engines: { slowRowsStay: true },
    losing: ['deliver'],
  }),
  'rows of a conversation lie at the times of their writers': () => ({ engines: { timesIgnored: true } }),
  'a wrong clock is taken for right': () => ({ engines: { clockTrusted: true } }),
  'it is noted that all is on the queues before it is': () => ({ engines: { doneEarly: true } }),
  'what a sender left who never returns is left': () => ({ engines: { leftUndone: true } }),
  'two nodes make ids with one worker number': () => ({
    ports: (ports) => ({ ...ports, lease: altered(ports.lease, { worker: 1, floor: () => 0 }) }),
  }),
  'the head is not looked at: what another node appended is appended over': () => ({
    ports: (ports, disk) => ({
      ...ports,
      log: altered(ports.log, {
        append: (batch: AppendBatch) => {
          const stored = disk.now.stores.conversations.get(batch.conversation)
          if (stored && stored.head.seq > batch.expect) {
            stored.entries.splice(batch.expect)
            stored.head = { ...stored.head, seq: batch.expect }
          }
          return ports.log.append(batch)
        },
      }),
    }),
  }),
  'an append of which nothing was heard is answered as done': () => ({
    ports: (ports) => ({
      ...ports,
      log: altered(ports.log, {
        append: async (batch: AppendBatch) => {
          try {
            return await ports.log.append(batch)
          } catch {
            return { status: 'appended', places: [] }
          }
        },
      }),
    }),
  }),
  'receipts are told as they come, without a look at what others stored': () => ({
    ports: (ports) => ({ ...ports, receipts: altered(ports.receipts, { latest: async () => [] }) }),
  }),
  'of own settings those that were saved first stay': () => ({
    ports: (ports) => {
      const { conversations } = ports
      return {
        ...ports,
        conversations: altered(conversations, {
          saveSettings: (user, id, own, update) =>
            conversations.saveSettings(user, id, { ...own, at: Number.MAX_SAFE_INTEGER - own.at }, update),
        }),
      }
    },
  }),
  'wakes are lost, and sessions read nothing by themselves': () => ({
    noSweep: true,
    losing: ['deliver'],
    ...inLate(() => ({ within: 0 })),
  }),
}
