import { syncQueueRules } from '../../sync/sync-queue.contract.ts'

import { altered, describePlanted, later } from './planting.contract.ts'

describePlanted('sync queue', syncQueueRules, {
  'a cursor skips a row at the end of a page': ({ queue }) => ({
    queue: altered(queue, {
      read: async (user, after, limit) => {
        const page = await queue.read(user, after, limit)
        return page && !page.complete ? { ...page, next: String(Number(page.next) + 1) } : page
      },
    }),
  }),
  'every page says it is the last': ({ queue }) => ({
    queue: altered(queue, {
      read: async (user, after, limit) => {
        const page = await queue.read(user, after, limit)
        return page && { ...page, complete: true }
      },
    }),
  }),
  'a trimmed stretch is a silent gap': ({ queue }, stores) => ({
    queue: altered(queue, {
      read: (user, after, limit) => {
        const floor = stores.queue(user).floor
        return queue.read(user, Number(after) < floor ? String(floor) : after, limit)
      },
    }),
  }),
  'the newest row is trimmed and positions start again': ({ queue }, stores) => ({
    queue: altered(queue, {
      trim: async (before, limit) => {
        const trimmed = await queue.trim(before, limit)
        for (const [user, { rows }] of stores.queues)
          if (rows[0]!.at < before && rows.length === 1) stores.queues.delete(user)
        return trimmed
      },
    }),
  }),
  'young rows are trimmed': ({ queue }) => ({
    queue: altered(queue, { trim: (_, limit) => queue.trim(Number.MAX_SAFE_INTEGER, limit) }),
  }),
  'puts are visible after they were answered': ({ queue }) => ({
    queue: altered(queue, {
      put: async (updates) => {
        later(() => queue.put(updates))
        return updates.map(({ user }) => ({ user, position: '1' }))
      },
    }),
  }),
  'the queue of another user is read': ({ queue }, stores) => ({
    queue: altered(queue, {
      read: (user, after, limit) => queue.read([...stores.queues.keys()].at(-1) ?? user, after, limit),
    }),
  }),
  'cursors move back': ({ queue }, stores) => ({
    queue: altered(queue, {
      saveCursors: async (cursors) => {
        for (const cursor of cursors) stores.cursors.set(cursor.device, cursor)
      },
    }),
  }),
  'devices of a user share a cursor': ({ queue }, stores) => ({
    queue: altered(queue, {
      saveCursors: async (cursors) => {
        await queue.saveCursors(cursors)
        for (const { user, position } of cursors) {
          for (const other of stores.cursors.values()) {
            if (other.user === user) stores.cursors.set(other.device, { ...other, position })
          }
        }
      },
    }),
  }),
  'any row follows any cursor': ({ queue }) => ({ queue: altered(queue, { follows: () => true }) }),
  'any text is a position': ({ queue }) => ({ queue: altered(queue, { isPosition: () => true }) }),
  'positions are compared as text': ({ queue }) => ({
    queue: altered(queue, { compare: (a, b) => (a === b ? 1 : a < b ? -1 : 1) }),
  }),
})
