import type { StoreView } from '@parley/client'
import type { ConversationId, Message } from '@parley/protocol'
import type { Calls } from './calls.ts'

/** A stretch of a conversation without holes, as it is shown. */
export interface WindowState {
  /** Ascending by seq. */
  items: readonly Message[]
  /** `opening`: nothing is known yet. `failed`: older ones are at the server, and it could not be asked. */
  older: 'opening' | 'none' | 'some' | 'loading' | 'failed'
  /** Newer ones than `items` are in the store. */
  newer: boolean
}

const pageSize = 60
/** More are not held: what is far from where one looks is read again when it is wanted. */
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
  #state: WindowState = { items: [], older: 'opening', newer: false }
  /** What was read is of before the last `dropped` when this has changed. */
  #era = 0
  /** Told while a page is read; it may be missing there. */
  #meanwhile: ReadonlyMap<number, Message | undefined>[] = []

  constructor(view: StoreView, calls: Calls, id: ConversationId) {
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
    const era = this.#era
    const before = items[0]?.seq ?? end
    this.#set({ ...this.#state, older: 'loading' })
    try {
      const found = await this.#pageBefore(before)
      if (era !== this.#era) return
      const all = merged(found.items, this.#state.items)
      const held = all.slice(0, Math.max(mostHeld, found.items.length))
      const cut = held.length < all.length
      this.#set({ items: held, older: found.more ? 'some' : 'none', newer: this.#state.newer || cut })
    } catch {
      if (era === this.#era) this.#set({ ...this.#state, older: 'failed' })
    }
  }

  /** Back to the newest. */
  async toEnd(): Promise<void> {
    if (this.#state.newer) await this.#open()
  }

  #begin(): void {
    this.#offs.push(
      this.#view.on('messages', ({ conversation, changes }) => {
        if (conversation === this.#id) this.#changed(changes)
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
    const era = ++this.#era
    this.#meanwhile = []
    const items = await this.#view.messages(this.#id, { from: 0, before: end, limit: pageSize })
    if (era !== this.#era) return
    const { complete } = this.#view.extent(this.#id)
    const older = items.length < pageSize && complete ? 'none' : 'some'
    const missed = this.#meanwhile
    this.#set({ items, older, newer: false })
    for (const changes of missed) this.#changed(changes)
    if (items.length < pageSize && older === 'some') void this.loadOlder()
  }

  async #pageBefore(before: number): Promise<{ items: Message[]; more: boolean }> {
    const items = await this.#view.messages(this.#id, { from: 0, before, limit: pageSize })
    const { complete } = this.#view.extent(this.#id)
    if (items.length === pageSize || complete) return { items, more: items.length === pageSize || !complete }
    return this.#calls.conversation(this.#id).messages({ before, limit: pageSize })
  }

  #changed(changes: ReadonlyMap<number, Message | undefined>): void {
    const { items, older, newer } = this.#state
    if (older === 'opening') {
      this.#meanwhile.push(changes)
      return
    }
    const first = items[0]?.seq ?? 0
    const last = items.at(-1)?.seq ?? 0
    const next = new Map(items.map((message) => [message.seq, message]))
    for (const [seq, message] of changes) {
      // Before the first: it comes with its page. Behind the last of a window that is not at the end: so does it.
      if (seq < first || (newer && seq > last)) continue
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

const bySeq = (a: Message, b: Message): number => a.seq - b.seq

/** What is held already is newer than what was read. */
function merged(read: readonly Message[], held: readonly Message[]): Message[] {
  return [...new Map([...read, ...held].map((message) => [message.seq, message])).values()].sort(bySeq)
}
