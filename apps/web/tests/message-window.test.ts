import {
  type MessageList,
  memoryStore,
  type StoredConversation,
  type StoredMessage,
  StoreView,
  toldStore,
} from '@parley/client'
import type { Message } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import type { Calls } from '../src/client/calls.ts'
import { MessageWindow } from '../src/client/message-window.ts'

const message = (seq: number, text = `text ${seq}`): StoredMessage => {
  return { conversation: 'c', seq, id: `${seq}`, sender: 'u2', device: 'd2', sentAt: seq, content: { text } }
}
const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const end = Number.MAX_SAFE_INTEGER

/** A conversation of `head` messages of which the device has those from `from` on; the server has all. */
async function world({ head, from }: { head: number; from: number }) {
  const memory = memoryStore()
  const view = await StoreView.open(memory)
  const store = toldStore(memory, (batch) => view.apply(batch))
  let known: StoredConversation = {
    id: 'c',
    kind: 'direct',
    history: 'joined',
    createdAt: 1,
    infoSeq: 0,
    role: 'member',
    joinedSeq: 1,
    settings: {},
    applied: head,
    ahead: [],
    since: 1,
    from,
    complete: from === 1,
    read: 0,
    readSent: 0,
    unread: 0,
    counted: 0,
    receipts: {},
  }
  await store.apply({ conversations: [known], messages: numbers(from, head).map((seq) => message(seq)) })
  const asked: string[] = []
  let online = true
  const serverHas = async (query: { before?: number; after?: number; limit?: number }): Promise<MessageList> => {
    if (!online) throw new Error('offline')
    const { before = end, after = 0, limit = 50 } = query
    const all = numbers(1, known.applied).filter((seq) => seq > after && seq < before)
    const seqs = query.after === undefined ? all.slice(-limit) : all.slice(0, limit)
    const items = seqs.map((seq) => message(seq))
    await store.apply({ messages: items })
    return { items: items as Message[], more: seqs.length < all.length }
  }
  const calls = {
    conversation: () => ({
      page: (query: object) => {
        asked.push('page')
        return serverHas(query)
      },
      messages: async ({ limit }: { limit: number }) => {
        asked.push('messages')
        const found = await serverHas({ before: known.from, limit })
        known = { ...known, from: found.items[0]?.seq ?? known.from, complete: !found.more }
        await store.apply({ conversations: [known] })
        return found
      },
    }),
  } as unknown as Pick<Calls, 'conversation'>
  const window = new MessageWindow(view, calls, 'c')
  const settled = async (): Promise<void> => {
    await expect
      .poll(() => window.read().opening || [window.read().older, window.read().newer].includes('loading'))
      .toBe(false)
  }
  const seqs = (): number[] => window.read().items.map(({ seq }) => seq)
  const close = window.subscribe(() => {})
  await settled()
  const arrive = async (seq: number): Promise<void> => {
    known = { ...known, applied: seq }
    await store.apply({ conversations: [known], messages: [message(seq)] })
  }
  return {
    window,
    store,
    asked,
    seqs,
    settled,
    arrive,
    close,
    offline: () => (online = false),
    online: () => (online = true),
  }
}

describe('the messages around where somebody looks', () => {
  it('open at the newest and grow to the beginning of 100,000, a page and a bounded number at a time', {
    timeout: 60_000,
  }, async () => {
    const { window, seqs, asked } = await world({ head: 100_000, from: 1 })
    expect(seqs()).toEqual(numbers(99_941, 100_000))
    expect(window.read()).toMatchObject({ older: 'some', newer: 'none' })
    for (let page = 0; page < 15; page++) await window.loadOlder()
    expect(seqs()).toEqual(numbers(99_041, 99_640))
    expect(window.read()).toMatchObject({ older: 'some', newer: 'some' })
    await window.loadNewer()
    expect(seqs()).toEqual(numbers(99_101, 99_700))
    expect(await window.jumpTo(5)).toBe(true)
    expect(seqs()).toEqual(numbers(1, 35))
    expect(window.read()).toMatchObject({ older: 'none', newer: 'some' })
    await window.toEnd()
    expect(seqs()).toEqual(numbers(99_941, 100_000))
    expect(asked).toEqual([])
  })

  it('go on at the server where the store ends', async () => {
    const { window, seqs, asked } = await world({ head: 200, from: 130 })
    await window.loadOlder()
    expect(seqs()).toEqual(numbers(130, 200))
    expect(asked).toEqual([])
    while (window.read().older === 'some') await window.loadOlder()
    expect(seqs()).toEqual(numbers(1, 200))
    expect(asked.every((method) => method === 'messages')).toBe(true)
  })

  it('fill the first page from the server when the store has less', async () => {
    const { seqs, asked } = await world({ head: 200, from: 200 })
    expect(seqs().length).toBeGreaterThan(50)
    expect(asked).toEqual(['messages'])
  })

  it('jump to where the store has nothing, and from there back to what it has without a hole', async () => {
    const { window, seqs, asked } = await world({ head: 1000, from: 900 })
    expect(await window.jumpTo(700)).toBe(true)
    expect(seqs()).toEqual(numbers(671, 730))
    expect(asked).toEqual(['page', 'page'])
    while (window.read().newer === 'some') await window.loadNewer()
    expect(seqs()).toEqual(numbers(seqs()[0] as number, 1000))
    expect(await window.jumpTo(2000)).toBe(false)
    expect(seqs().at(-1)).toBe(1000)
  })

  it('take what arrives at the end only when they are there, and every change of what is shown', async () => {
    const { window, store, seqs, arrive } = await world({ head: 200, from: 1 })
    await arrive(201)
    expect(seqs().at(-1)).toBe(201)
    await window.jumpTo(20)
    await arrive(202)
    expect(seqs().at(-1)).toBe(50)
    await store.apply({
      messages: [message(20, 'edited'), { ...message(21), hidden: true }, message(100, 'elsewhere')],
    })
    expect(window.read().items.find(({ seq }) => seq === 20)?.content).toEqual({ text: 'edited' })
    expect(seqs()).not.toContain(21)
    await window.toEnd()
    expect(seqs().at(-1)).toBe(202)
  })

  it('miss no change that is told while a page is being read', async () => {
    const { window, store, seqs } = await world({ head: 200, from: 1 })
    const reading = window.loadOlder()
    await store.apply({ messages: [message(100, 'edited meanwhile'), { ...message(101), hidden: true }] })
    await reading
    expect(window.read().items.find(({ seq }) => seq === 100)?.content).toEqual({ text: 'edited meanwhile' })
    expect(seqs()).not.toContain(101)
  })

  it('say when older ones cannot be read now, and read them when asked again', async () => {
    const { window, seqs, offline, online } = await world({ head: 200, from: 140 })
    offline()
    await window.loadOlder()
    await window.loadOlder()
    expect(window.read().older).toBe('failed')
    online()
    await window.loadOlder()
    expect(seqs()[0]).toBeLessThan(140)
  })
})
