import { describe, expect, it } from 'vitest'
import { newConversation } from '../model/conversation.ts'
import type { OutboxItem, StoredMessage, StoredSession } from './records.ts'
import type { Store } from './store.ts'

const message = (seq: number, text = `text ${seq}`, conversation = 'c1'): StoredMessage => {
  return { conversation, seq, id: `${seq}`, sender: 'u1', device: 'd1', sentAt: seq, content: { text } }
}
const item = (order: number): OutboxItem => {
  return { order, kind: 'send', conversation: 'c1', clientMessageId: `m${order}`, createdAt: 1, content: { text: 'x' } }
}
const session: StoredSession = {
  user: { id: 'u1', username: 'anna', displayName: 'Anna' },
  device: { id: 'd1', name: 'test', createdAt: 1, current: true },
  token: 'secret',
}
const everything = { from: 0, before: Number.MAX_SAFE_INTEGER, limit: 1000 }

/** What every `Store` does. `open` gives a store over the same records each time; `fresh` over none. */
export function storeContract(
  name: string,
  make: () => Promise<{ open: () => Store; end: () => Promise<void> }>,
): void {
  const withStore = async (use: (store: Store, reopen: () => Promise<Store>) => Promise<void>): Promise<void> => {
    const { open, end } = await make()
    let store = open()
    await store.load()
    const reopen = async (): Promise<Store> => {
      await store.close()
      store = open()
      return store
    }
    try {
      await use(store, reopen)
    } finally {
      await store.close()
      await end()
    }
  }

  describe(`${name}: store contract`, () => {
    it('starts with nothing', () =>
      withStore(async (_, reopen) => {
        const store = await reopen()
        const nothing = { session: undefined, cursor: undefined, conversations: [], outbox: [], users: [] }
        expect(await store.load()).toEqual(nothing)
        expect(await store.messages('c1', everything)).toEqual([])
      }))

    it('keeps everything of a batch', () =>
      withStore(async (store, reopen) => {
        const user = { id: 'u2', username: 'ben', displayName: 'Ben' }
        const conversation = newConversation('c1', 0)
        const batch = { session, cursor: 'p1', conversations: [conversation], messages: [message(1)], users: [user] }
        await store.apply({ ...batch, outbox: [item(2), item(1)] })
        const again = await reopen()
        const state = await again.load()
        expect(state).toMatchObject({ session, cursor: 'p1', outbox: [item(1), item(2)], users: [user] })
        expect(state.conversations.map(({ id }) => id)).toEqual(['c1'])
        expect(await again.messages('c1', everything)).toEqual([message(1)])
      }))

    it('replaces by id, seq and order; the last batch wins', () =>
      withStore(async (store, reopen) => {
        await store.apply({ cursor: 'p1', messages: [message(1)], outbox: [item(1), item(2)] })
        await store.apply({ messages: [message(1, 'edited')], conversations: [newConversation('c1', 0)] })
        await store.apply({ cursor: 'p2', settled: [1], conversations: [newConversation('c1', 7)] })
        const again = await reopen()
        const state = await again.load()
        expect(state).toMatchObject({ cursor: 'p2', outbox: [item(2)], conversations: [{ id: 'c1', applied: 7 }] })
        expect(state.conversations).toHaveLength(1)
        expect(await again.messages('c1', everything)).toEqual([message(1, 'edited')])
      }))

    it('gives the newest of a range, ascending, of one conversation', () =>
      withStore(async (store) => {
        await store.apply({ messages: [5, 3, 9, 1, 7].map((seq) => message(seq)) })
        await store.apply({ messages: [message(4, 'other', 'c2'), message(2)] })
        const seqs = async (from: number, before: number, limit: number): Promise<number[]> =>
          (await store.messages('c1', { from, before, limit })).map(({ seq }) => seq)
        expect(await seqs(0, 100, 100)).toEqual([1, 2, 3, 5, 7, 9])
        expect(await seqs(2, 9, 100)).toEqual([2, 3, 5, 7])
        expect(await seqs(0, 9, 2)).toEqual([5, 7])
        expect(await seqs(4, 5, 1)).toEqual([])
        expect(await seqs(5, 6, 1)).toEqual([5])
      }))

    it('gives the oldest of a range when asked to', () =>
      withStore(async (store) => {
        await store.apply({ messages: [5, 3, 9, 1, 7].map((seq) => message(seq)) })
        const seqs = async (from: number, before: number, limit: number): Promise<number[]> =>
          (await store.messages('c1', { from, before, limit, oldest: true })).map(({ seq }) => seq)
        expect(await seqs(2, 100, 2)).toEqual([3, 5])
        expect(await seqs(2, 4, 100)).toEqual([3])
        expect(await seqs(10, 100, 1)).toEqual([])
      }))

    it('drops entries and the cursor, keeps session, outbox and users (rule Y4), in one step with what follows', () =>
      withStore(async (store, reopen) => {
        const user = { id: 'u2', username: 'ben', displayName: 'Ben' }
        await store.apply({ session, cursor: 'p1', users: [user], outbox: [item(1)] })
        await store.apply({ conversations: [newConversation('c1', 0)], messages: [message(1)] })
        await store.apply({ dropEntries: true, conversations: [newConversation('c2', 3)], messages: [message(2)] })
        const again = await reopen()
        const state = await again.load()
        expect(state).toMatchObject({ session, cursor: undefined, outbox: [item(1)], users: [user] })
        expect(state.conversations.map(({ id }) => id)).toEqual(['c2'])
        expect(await again.messages('c1', everything)).toEqual([message(2)])
      }))

    it('clears messages of a conversation before a seq, in one step with what follows (rule F6)', () =>
      withStore(async (store, reopen) => {
        await store.apply({ messages: [1, 2, 3].map((seq) => message(seq)) })
        await store.apply({ messages: [message(1, 'other', 'c2')] })
        await store.apply({ cleared: [{ conversation: 'c1', before: 3 }], messages: [message(4)] })
        await store.apply({ cleared: [{ conversation: 'c3', before: 3 }] })
        const again = await reopen()
        await again.load()
        expect((await again.messages('c1', everything)).map(({ seq }) => seq)).toEqual([3, 4])
        expect(await again.messages('c2', everything)).toHaveLength(1)
      }))

    it('drops everything', () =>
      withStore(async (store, reopen) => {
        const user = { id: 'u2', username: 'ben', displayName: 'Ben' }
        await store.apply({ session, cursor: 'p1', users: [user], outbox: [item(1)], messages: [message(1)] })
        await store.apply({ dropAll: true, cursor: 'p2' })
        const again = await reopen()
        const nothing = { session: undefined, conversations: [], outbox: [], users: [] }
        expect(await again.load()).toEqual({ ...nothing, cursor: 'p2' })
        expect(await again.messages('c1', everything)).toEqual([])
      }))

    it('applies batches in the order given, without waiting between them', () =>
      withStore(async (store, reopen) => {
        await Promise.all(
          Array.from({ length: 50 }, (_, n) => store.apply({ cursor: `p${n}`, messages: [message(1, `${n}`)] })),
        )
        const again = await reopen()
        expect((await again.load()).cursor).toBe('p49')
        expect(await again.messages('c1', everything)).toEqual([message(1, '49')])
      }))

    it('forgets a cursor', () =>
      withStore(async (store, reopen) => {
        await store.apply({ cursor: 'p1' })
        await store.apply({ cursor: null })
        const again = await reopen()
        expect((await again.load()).cursor).toBeUndefined()
      }))
  })
}
