import type { Batch, Store } from '@parley/client'
import type { Ports } from '../../../server/src/app/services.ts'
import type { ConversationStore } from '../../../server/src/conversations/conversation-store.ts'
import type { ReceiptNotice, ReceiptStore } from '../../../server/src/messages/receipt-store.ts'
import { altered } from './altered.ts'
import type { Disk } from './disk.ts'
import type { Plant } from './planted-log-bugs.ts'
import type { Bug } from './world.ts'

const inStore = (alter: (store: ConversationStore, disk: Disk) => Partial<ConversationStore>): Bug => ({
  ports: (ports: Ports, disk) => ({
    ...ports,
    conversations: altered(ports.conversations, alter(ports.conversations, disk)),
  }),
})

const inReceipts = (alter: (receipts: ReceiptStore) => Partial<ReceiptStore>): Bug => ({
  ports: (ports: Ports) => ({ ...ports, receipts: altered(ports.receipts, alter(ports.receipts)) }),
})

const spoiling = (spoil: (batch: Batch) => Batch): Bug => ({
  spoilStore: (store: Store) => ({ ...store, apply: (batch) => store.apply(spoil(batch)) }),
})

/** Mistakes in what members and devices are shown. */
export const viewBugs: Record<string, Plant> = {
  'no membership check: once in, always in': () =>
    inStore((store) => ({
      load: async (id) => {
        const loaded = await store.load(id)
        if (!loaded) return undefined
        const members = [...loaded.record.members].map(([user, member]) => {
          return [user, { ...member, role: member.role ?? 'member', intervals: [{ from: 1, to: undefined }] }] as const
        })
        return { ...loaded, record: { ...loaded.record, members: new Map(members) } }
      },
    })),
  'unread off by one': () =>
    inStore((store) => ({
      saveReadMark: (user, id, mark, update) =>
        store.saveReadMark(user, id, { ...mark, messages: mark.messages - 1 }, update),
    })),
  'other devices are not told what was read': () =>
    inStore((store) => ({
      saveReadMark: async (user, id, mark) => (await store.saveReadMark(user, id, mark, '{"kind":"none"}')).slice(0, 0),
    })),
  'receipts move back': () => {
    const first = new Map<string, ReceiptNotice>()
    return inReceipts((receipts) => ({
      save: (watermarks, notices) =>
        receipts.save(
          watermarks,
          notices.map((notice) => {
            const key = `${notice.user} ${notice.conversation}`
            const old = first.get(key) ?? notice
            first.set(key, old)
            return old
          }),
        ),
    }))
  },
  'one in three receipts is taken for stored and is not': () => {
    let saves = 0
    return inReceipts((receipts) => ({
      save: (marks, notices) => (++saves % 3 === 0 ? Promise.resolve([]) : receipts.save(marks, notices)),
    }))
  },
  'settings are saved and told in two steps': () =>
    inStore((store) => ({
      saveSettings: async (user, id, settings, update) => {
        await store.saveSettings(user, id, settings, '{"kind":"none"}')
        return store.saveSettings(user, id, settings, update)
      },
    })),
  'the read mark is forgotten when the server restarts': () => ({
    restored: ({ stores }) => stores.marks.clear(),
  }),
  'a message deleted for me comes back on a new device': () => inStore(() => ({ hidden: async () => [] })),
  'a device forgets how far it had applied, and applies again': () => {
    let batches = 0
    return spoiling((batch) => {
      const { conversations: _, cursor: __, ...rest } = batch
      return batch.dropEntries || ++batches % 5 !== 0 ? batch : rest
    })
  },
  'a device stores its cursor before what it covers': () => {
    let batches = 0
    return spoiling((batch) => {
      if (++batches % 7 !== 0 || !batch.messages || batch.cursor === undefined) return batch
      const { messages: _, conversations: __, ...rest } = batch
      return rest
    })
  },
}
