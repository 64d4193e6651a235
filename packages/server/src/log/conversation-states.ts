import type { ConversationId } from '@parley/protocol'
import type { ConversationLog } from './conversation-log.ts'
import type { ConversationRecord } from './conversation-record.ts'
import { ConversationState } from './conversation-state.ts'
import { type Entry, emptyHead, type Head } from './entry.ts'

/** Where a conversation is loaded from when it is not at hand; its record may lag behind the head. */
export interface ConversationSource {
  load(conversation: ConversationId): Promise<{ record: ConversationRecord; head: Head } | undefined>
}

const catchUpPage = 500

/** Conversations at hand, the least recently used forgotten beyond `capacity`. */
export class ConversationStates {
  #source
  #log
  #capacity
  /** Other nodes append too. */
  #shared
  #states = new Map<ConversationId, ConversationState>()
  #loading = new Map<ConversationId, Promise<ConversationState | undefined>>()

  constructor(source: ConversationSource, log: ConversationLog, { shared = false, capacity = 50_000 } = {}) {
    this.#source = source
    this.#log = log
    this.#shared = shared
    this.#capacity = capacity
  }

  /** The state when it is at hand; it may be behind the log, never ahead. */
  peek(conversation: ConversationId): ConversationState | undefined {
    return this.#states.get(conversation)
  }

  get(conversation: ConversationId): Promise<ConversationState | undefined> | ConversationState {
    return this.#states.get(conversation) ?? this.#load(conversation)
  }

  /** As new as everything that was acknowledged before, on any node; or at least as new as the entry `least`. */
  async current(
    conversation: ConversationId,
    least = Number.POSITIVE_INFINITY,
  ): Promise<ConversationState | undefined> {
    const known = this.#states.get(conversation)
    if (!known) return this.#load(conversation)
    if (this.#shared && known.seq < least) await this.refresh(known)
    return known
  }

  /** Takes in entries that another node appended, where they follow what is known. */
  follow(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const state = this.#states.get(entry.conversation)
      if (state && entry.seq === state.seq + 1) state.apply(entry)
    }
  }

  /** Starts a conversation that nobody else can know of yet; its first entry makes it lasting. */
  begin(record: ConversationRecord): ConversationState {
    const state = new ConversationState(record, emptyHead(record.createdAt))
    this.#keep(state)
    return state
  }

  /** Forgets what may be wrong after an unknown outcome; the next use loads it again. */
  forget(conversation: ConversationId): void {
    this.#states.delete(conversation)
  }

  /** Takes in the entries that others appended. */
  async refresh(state: ConversationState): Promise<void> {
    for (;;) {
      const before = Number.MAX_SAFE_INTEGER
      const entries = await this.#log.read(state.conversation, { after: state.seq, before, limit: catchUpPage })
      for (const entry of entries) if (entry.seq === state.seq + 1) state.apply(entry)
      if (entries.length < catchUpPage) return
    }
  }

  #load(conversation: ConversationId): Promise<ConversationState | undefined> {
    const underWay = this.#loading.get(conversation)
    if (underWay) return underWay
    const loading = this.#read(conversation).finally(() => this.#loading.delete(conversation))
    this.#loading.set(conversation, loading)
    return loading
  }

  async #read(conversation: ConversationId): Promise<ConversationState | undefined> {
    const loaded = await this.#source.load(conversation)
    if (!loaded) return undefined
    const { record, head } = loaded
    const state = new ConversationState(record, head)
    if (record.asOf < head.seq) {
      const missed = await this.#log.read(conversation, { after: record.asOf, before: head.seq + 1, limit: head.seq })
      for (const entry of missed) state.fold(entry)
    }
    this.#keep(state)
    return state
  }

  #keep(state: ConversationState): void {
    if (this.#states.size >= this.#capacity) this.#evict()
    this.#states.set(state.conversation, state)
  }

  #evict(): void {
    let left = Math.ceil(this.#capacity / 10)
    for (const conversation of this.#states.keys()) {
      this.#states.delete(conversation)
      if (--left === 0) return
    }
  }
}
