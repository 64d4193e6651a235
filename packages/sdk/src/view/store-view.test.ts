import { describe, expect, it } from 'vitest'
import { newConversation } from '../model/conversation.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { OutboxItem, StoredConversation, StoredMessage, StoredSession } from '../store/records.ts'
import { StoreView, toldStore } from './store-view.ts'

const session: StoredSession = {
  user: { id: 'u1', username: 'anna', displayName: 'Anna' },
  device: { id: 'd1', name: 'test', createdAt: 1, current: true },
}
const message = (seq: number, more: Partial<StoredMessage> = {}): StoredMessage => {
  return {
    conversation: 'c1',
    seq,
    id: `${seq}`,
    sender: 'u2',
    device: 'd2',
    sentAt: seq,
    content: { text: 'x' },
    ...more,
  }
}
const conversation = (id: string, more: Partial<StoredConversation> = {}): StoredConversation => {
  return { ...newConversation(id, 0), from: 1, applied: 9, ...more }
}
const item: OutboxItem = {
  order: 1,
  kind: 'send',
  conversation: 'c1',
  clientMessageId: 'm1',
  createdAt: 1,
  content: { text: 'waiting' },
}
const end = Number.MAX_SAFE_INTEGER

/** A store, one view that was there before anything was stored, and a new one whenever it is asked for. */
async function world() {
  const memory = memoryStore()
  const early = await StoreView.open(memory)
  const store = toldStore(memory, (batch) => early.apply(batch))
  return { store, early, late: () => StoreView.open(memory) }
}

const shownBy = (view: StoreView) => ({
  session: view.session,
  conversations: view.conversations({ left: true }),
  pending: view.pending('c1'),
  users: view.users(),
})

describe('a view of a store', () => {
  it('that followed every batch shows what one that reads the store afterwards does', async () => {
    const { store, early, late } = await world()
    const batches = [
      { session, users: [{ id: 'u2', username: 'ben', displayName: 'Ben' }] },
      { conversations: [conversation('c1', { peer: 'u2', kind: 'direct' }), conversation('c2')], outbox: [item] },
      { messages: [message(1)], conversations: [conversation('c2', { lastMessage: message(1), unread: 3 })] },
      { settled: [1] },
      { dropEntries: true as const, conversations: [conversation('c3')] },
      { dropAll: true as const },
    ]
    for (const batch of batches) {
      await store.apply(batch)
      expect(shownBy(early)).toEqual(shownBy(await late()))
    }
  })

  it('tells once, after everything of a batch is there: a message that was sent is never shown twice', async () => {
    const { store, early } = await world()
    await store.apply({ session, conversations: [conversation('c1')], outbox: [item] })
    const seen: number[] = []
    early.on('messages', () => seen.push(early.pending('c1').length))
    await store.apply({ settled: [1], messages: [message(10, { sender: 'u1', clientMessageId: 'm1' })] })
    expect(seen).toEqual([0])
  })

  it('gives the same object until a conversation, or who it is with, changes', async () => {
    const { store, early } = await world()
    await store.apply({ conversations: [conversation('c1', { kind: 'direct', peer: 'u2' }), conversation('c2')] })
    const before = early.conversation('c1')
    await store.apply({ conversations: [conversation('c2', { unread: 1 })] })
    expect(early.conversation('c1')).toBe(before)
    await store.apply({ users: [{ id: 'u2', username: 'ben', displayName: 'Ben' }] })
    expect(early.conversation('c1')?.peer?.displayName).toBe('Ben')
  })

  it('shows no hidden message, none from before what the store has without holes, and as many as were asked for', async () => {
    const { store, early } = await world()
    const hidden = new Set([4, 5, 6])
    await store.apply({
      conversations: [conversation('c1', { from: 3 })],
      messages: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((seq) => message(seq, hidden.has(seq) ? { hidden: true } : {})),
    })
    const seqs = async (range: { from: number; before: number; limit: number; oldest?: boolean }) =>
      (await early.messages('c1', range)).map(({ seq }) => seq)
    expect(await seqs({ from: 0, before: end, limit: 100 })).toEqual([3, 7, 8, 9])
    expect(await seqs({ from: 0, before: 9, limit: 3 })).toEqual([3, 7, 8])
    expect(await seqs({ from: 3, before: end, limit: 2, oldest: true })).toEqual([3, 7])
  })
})
