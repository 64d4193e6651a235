import type { MessageList, StoreView } from '@parley/client'
import type { ConversationId, Message } from '@parley/protocol'
import type { Calls } from './calls.ts'

/** Whether there is more in a direction; `failed`: there may be, and the server could not be asked. */
export type More = 'none' | 'some' | 'loading' | 'failed'

/** A stretch of a conversation without holes, as it is shown. */
export interface WindowState {
  /** Nothing is known yet. */
  opening: boolean
  /** Ascending by seq. */
  items: readonly Message[]
  older: More
  /** `none`: the last of `items` is the newest message. */
  newer: More
}

type Changes = ReadonlyMap<number, Message | undefined>

const pageSize = 60
/** Of those far from where one looks no more are held: they are read again when they are wanted. */
const mostHeld = 600
const end = Number.MAX_SAFE_INTEGER

/**
 * The messages of a conversation around where somebody looks: read from the store in pages, from the server where the
 * store ends, and kept exact by what the store is told. Costs the same whatever the conversation's length.
 */
export class MessageWindow {
  readonly #view
  readonly #calls
  readonly #id
  readonly #listeners = new Set<() => void>()
  readonly #offs: (() => void)[] = []
  #state: WindowState = { opening: true, items: [], older: 'none', newer: 'none' }
  /** Grows whenever what is being read is of no use any more. */
  #era = 0
  /** What was told while pages are read: they may lack it. */
  readonly #missed = new Set<Changes[]>()

  constructor(view: StoreView, calls: Pick<Calls, 'conversation'>, id: ConversationId) {
    this.#view = view
    this.#calls = calls
    this.#id = id
  }

  readonly read = (): WindowState => this.#state

  readonly subscribe = (changed: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#begin()
    this.#listeners.add(changed)
    return () => {
      this.#listeners.delete(changed)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  /** The page before the first one. */
  async loadOlder(): Promise<void> {
    const { items, older } = this.#state
    if (older !== 'some' && older !== 'failed') return
    this.#set({ ...this.#state, older: 'loading' })
    await this.#read(
      () => this.#pageBefore(items[0]?.seq ?? end, pageSize),
      ({ items: found, more }) => {
        const all = merged(found, this.#state.items)
        const held = all.slice(0, Math.max(mostHeld, found.length))
        return {
          ...this.#state,
          items: held,
          older: some(more),
          newer: some(this.#state.newer !== 'none' || held.length < all.length),
        }
      },
      () => ({ ...this.#state, older: 'failed' }),
    )
  }

  /** The page behind the last one. */
  async loadNewer(): Promise<void> {
    const { items, newer } = this.#state
    if (newer !== 'some' && newer !== 'failed') return
    this.#set({ ...this.#state, newer: 'loading' })
    await this.#read(
      () => this.#pageAfter(items.at(-1)?.seq ?? 0, pageSize),
      ({ items: found, more }) => {
        const all = merged(found, this.#state.items)
        const held = all.slice(Math.max(0, all.length - Math.max(mostHeld, found.length)))
        return {
          ...this.#state,
          items: held,
          newer: some(more),
          older: some(this.#state.older !== 'none' || held.length < all.length),
        }
      },
      () => ({ ...this.#state, newer: 'failed' }),
    )
  }

  /** Back to the newest; nothing when it is there. */
  async toEnd(): Promise<void> {
    if (this.#state.newer !== 'none') await this.#open()
  }

  /** Moves to where `seq` is. False when there is no such message to be seen, or the server could not be asked. */
  async jumpTo(seq: number): Promise<boolean> {
    const has = (): boolean => this.#state.items.some((message) => message.seq === seq)
    if (has()) return true
    this.#era++
    await this.#read(
      async () => {
        const before = await this.#pageBefore(seq + 1, pageSize / 2)
        return { before, after: await this.#pageAfter(seq, pageSize / 2) }
      },
      ({ before, after }) =>
        before.items.at(-1)?.seq === seq
          ? {
              opening: false,
              items: merged(before.items, after.items),
              older: some(before.more),
              newer: some(after.more),
            }
          : this.#state,
      () => this.#state,
    )
    return has()
  }

  #begin(): void {
    this.#offs.push(
      this.#view.on('messages', ({ conversation, changes }) => {
        if (conversation === this.#id) this.#changed(changes)
      }),
      this.#view.on('cleared', ({ conversation }) => {
        if (conversation === this.#id) void this.#open()
      }),
      this.#view.on('dropped', () => void this.#open()),
    )
    void this.#open()
  }

  #stop(): void {
    this.#era++
    for (const off of this.#offs.splice(0)) off()
  }

  async #open(): Promise<void> {
    this.#era++
    await this.#read(
      () => this.#view.messages(this.#id, { from: 0, before: end, limit: pageSize }),
      (items) => {
        const { complete } = this.#view.extent(this.#id)
        return { opening: false, items, older: some(items.length >= pageSize || !complete), newer: 'none' }
      },
      () => this.#state,
    )
    if (this.#state.items.length < pageSize) await this.loadOlder()
  }

  /** Pages come one by one; what was told meanwhile is applied to what came. */
  async #read<T>(page: () => Promise<T>, then: (found: T) => WindowState, failed: () => WindowState): Promise<void> {
    const era = this.#era
    const missed: Changes[] = []
    this.#missed.add(missed)
    try {
      const found = await page()
      if (era !== this.#era) return
      this.#missed.delete(missed)
      this.#set(then(found))
      for (const changes of missed) this.#changed(changes)
    } catch {
      if (era === this.#era) this.#set(failed())
    } finally {
      this.#missed.delete(missed)
    }
  }

  async #pageBefore(before: number, limit: number): Promise<MessageList> {
    const { from, complete } = this.#view.extent(this.#id)
    const conversation = this.#calls.conversation(this.#id)
    // Beyond the store: a stretch that is not joined to the rest.
    if (before < from) return conversation.page({ before, limit })
    const items = await this.#view.messages(this.#id, { from, before, limit })
    if (items.length > 0 || complete) return { items, more: items.length >= limit || !complete }
    return conversation.messages({ before, limit })
  }

  async #pageAfter(after: number, limit: number): Promise<MessageList> {
    const { from } = this.#view.extent(this.#id)
    if (after + 1 < from) return this.#calls.conversation(this.#id).page({ after, limit })
    const items = await this.#view.messages(this.#id, { from: after + 1, before: end, limit, oldest: true })
    return { items, more: items.length >= limit }
  }

  #changed(changes: Changes): void {
    for (const missed of this.#missed) missed.push(changes)
    const { items, opening, newer } = this.#state
    if (opening) return
    const first = items[0]?.seq ?? 0
    const last = items.at(-1)?.seq ?? 0
    const next = new Map(items.map((message) => [message.seq, message]))
    for (const [seq, message] of changes) {
      // Before the first: it comes with its page. Behind the last of a window that is not at the end: so does it.
      if (seq < first || (newer !== 'none' && seq > last)) continue
      if (message) next.set(seq, message)
      else next.delete(seq)
    }
    this.#set({ ...this.#state, items: [...next.values()].sort(bySeq) })
  }

  #set(state: WindowState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

const some = (more: boolean): More => (more ? 'some' : 'none')
const bySeq = (a: Message, b: Message): number => a.seq - b.seq

/** What is held already is newer than what was read. */
function merged(read: readonly Message[], held: readonly Message[]): Message[] {
  return [...new Map([...read, ...held].map((message) => [message.seq, message])).values()].sort(bySeq)
}
