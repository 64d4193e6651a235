import type { Ports } from '../../../server/src/app/services.ts'
import type { AppendBatch, ConversationLog } from '../../../server/src/log/conversation-log.ts'
import { altered } from './altered.ts'
import type { Disk } from './disk.ts'
import type { Bug } from './world.ts'

export type Plant = () => Bug

const inLog = (alter: (log: ConversationLog, disk: Disk) => Partial<ConversationLog>): Bug => ({
  ports: (ports: Ports, disk) => ({ ...ports, log: altered(ports.log, alter(ports.log, disk)) }),
})

const reaching = (batch: AppendBatch, users: (users: readonly string[], batch: AppendBatch) => readonly string[]) => ({
  ...batch,
  audiences: batch.audiences.map((audience) => ({ ...audience, users: users(audience.users, batch) })),
})

/** Mistakes of a log, or of who appends to it. */
export const logBugs: Record<string, Plant> = {
  'acknowledged before it is durable': () => ({ hasty: true }),
  'dedupe lost on restart': () => ({
    restored: ({ stores }) => {
      for (const { sends } of stores.conversations.values()) sends.clear()
    },
  }),
  'no dedupe': () =>
    inLog((log, disk) => ({
      append: (batch) => {
        disk.now.stores.conversations.get(batch.conversation)?.sends.clear()
        return log.append(batch)
      },
      findSend: async () => undefined,
    })),
  'a retry answered as new, with the place of the newest': () =>
    inLog((log, disk) => ({
      append: async (batch) => {
        const outcome = await log.append(batch)
        const head = disk.now.stores.conversations.get(batch.conversation)?.head
        if (outcome.status !== 'duplicate' || !head) return outcome
        const sends = [...outcome.sends].map(
          ([index, send]) => [index, { ...send, seq: head.seq, id: head.id }] as const,
        )
        return { ...outcome, sends: new Map(sends) }
      },
    })),
  'seq reused after a restart: the newest entry is forgotten': () => ({
    restored: ({ stores }) => {
      for (const conversation of stores.conversations.values()) {
        if (conversation.entries.at(-1)?.kind !== 'message') continue
        const last = conversation.entries.pop()!
        const { head } = conversation
        conversation.head = { ...head, seq: last.seq - 1, messages: head.messages - 1 }
      }
    },
  }),
  'ids do not grow: a restart does not know which times were reserved, and the clock was set back': () => ({
    setBack: 8000,
    ports: (ports) => {
      let ceiling = 0
      const raise = async (next: number): Promise<void> => {
        ceiling = next
      }
      return { ...ports, lease: { ...ports.lease, floor: () => 0, ceiling: () => ceiling, raise } }
    },
  }),
  'fan-out to ex-members': () =>
    inLog((log, disk) => ({
      append: (batch) => {
        const { record } = disk.now.stores.conversations.get(batch.conversation) ?? {}
        return log.append(reaching(batch, (users) => [...new Set([...users, ...(record?.members.keys() ?? [])])]))
      },
    })),
  'stale member list: who joined last is left out': () => {
    const known = new Map<string, readonly string[]>()
    return inLog((log) => ({
      append: (batch) => {
        const before = known.get(batch.conversation)
        const now = batch.audiences.flatMap(({ users }) => users)
        const outcome = log.append(
          before && !batch.projection
            ? reaching(batch, (users) => users.filter((user) => before.includes(user)))
            : batch,
        )
        if (!before || !batch.projection) known.set(batch.conversation, now)
        return outcome
      },
    }))
  },
  'missing places for one member': () => {
    let appended = 0
    return inLog((log) => ({
      append: (batch) => log.append(++appended % 9 === 0 ? reaching(batch, (users) => users.slice(1)) : batch),
    }))
  },
  'the other devices of the sender are forgotten': () =>
    inLog((log) => ({
      append: (batch) =>
        log.append(reaching(batch, (users, { entries }) => users.filter((user) => user !== entries[0]?.sender))),
    })),
  'wakes are lost, and nothing heals': () => ({
    noSweep: true,
    ports: (ports) => ({
      ...ports,
      log: altered(ports.log, {
        append: async (batch) => {
          const outcome = await ports.log.append(batch)
          return outcome.status === 'appended' ? { ...outcome, places: [] } : outcome
        },
      }),
      queue: altered(ports.queue, { put: async (updates) => (await ports.queue.put(updates)).slice(0, 0) }),
    }),
  }),
  'pages forget what amended their messages': () => inLog(() => ({ amendments: async () => [] })),
}
