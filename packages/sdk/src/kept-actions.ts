import type { ConversationId, Message, Settings } from '@parley/protocol'
import type { Api, CallOptions, SettingsChange } from './http/api.ts'
import { OfflineError, ParleyError } from './lib/errors.ts'
import { shown } from './model/message.ts'
import { headOf } from './model/view.ts'
import type { Replica } from './store/replica.ts'
import { applyUpdate } from './sync/apply-update.ts'
import { readUpTo } from './sync/unread.ts'

export interface StarredList {
  /** The newest star first. */
  items: Message[]
  /** Where the next page begins, when there may be one. */
  next?: string
}

export interface StarredQuery extends CallOptions {
  cursor?: string
  limit?: number
  /** Only what the store has: never asks the server. */
  local?: boolean
}

/** Stars, pins, and what is cleared. What is done is told by the server, as to every other device. */
export class KeptActions {
  readonly #api
  readonly #replica
  readonly #setSettings

  constructor(deps: {
    api: Api
    replica: Replica
    setSettings: (id: ConversationId, changes: SettingsChange, options: CallOptions) => Promise<Settings>
  }) {
    this.#api = deps.api
    this.#replica = deps.replica
    this.#setSettings = deps.setSettings
  }

  async star(conversation: ConversationId, target: number, starred: boolean, options: CallOptions): Promise<void> {
    const { starredAt } = starred
      ? await this.#api.star(conversation, target, options)
      : { starredAt: await this.#api.unstar(conversation, target, options) }
    const me = this.#me()
    await this.#replica.transact(async (tx) => {
      const known = tx.conversation(conversation)?.stars?.[target]
      // When it was taken away, by the server's clock, is told by the update.
      const at = starredAt ?? known
      if (at === undefined || !tx.conversation(conversation)) return
      await applyUpdate(tx, { kind: 'star', conversation, target, starred, at }, me)
    })
  }

  /** From the server, or without one from what this device has seen of them. */
  async starred({ local = false, cursor, limit = 50, signal }: StarredQuery): Promise<StarredList> {
    if (local) return this.#starredHere(limit)
    try {
      return await this.#api.starred({ limit, ...(cursor !== undefined && { cursor }) }, { signal })
    } catch (error) {
      if (error instanceof OfflineError && cursor === undefined) return this.#starredHere(limit)
      throw error
    }
  }

  async #starredHere(limit: number): Promise<StarredList> {
    const present = [...this.#replica.conversations.values()].filter(({ role }) => role !== null)
    const stars = present.flatMap(({ id, stars = {} }) =>
      Object.entries(stars).map(([seq, at]) => ({ id, seq: Number(seq), at })),
    )
    stars.sort((a, b) => b.at - a.at || b.seq - a.seq)
    const items: Message[] = []
    for (const { id, seq } of stars) {
      if (items.length === limit) break
      const message = await this.#stored(id, seq)
      if (message?.starredAt !== undefined) items.push(message)
    }
    return { items }
  }

  async pin(conversation: ConversationId, seq: number, options: CallOptions): Promise<void> {
    await this.#api.pin(conversation, seq, options)
  }

  async unpin(conversation: ConversationId, seq: number, options: CallOptions): Promise<void> {
    await this.#api.unpin(conversation, seq, options)
  }

  async pinned(conversation: ConversationId, options: CallOptions): Promise<Message[]> {
    const { pins = [], cleared = 0 } = this.#replica.conversations.get(conversation) ?? {}
    const visible = pins.filter((seq) => seq > cleared)
    const found = await Promise.all(visible.map((seq) => this.message(conversation, seq, options).catch(unlessOffline)))
    return found.filter((message) => message !== undefined && message.deletedAt === undefined) as Message[]
  }

  /** From the store, or the server; undefined when it may not be seen. */
  async message(conversation: ConversationId, seq: number, options: CallOptions): Promise<Message | undefined> {
    const stored = await this.#stored(conversation, seq)
    const from = this.#replica.conversations.get(conversation)?.from ?? Number.MAX_SAFE_INTEGER
    if (stored || seq >= from) return stored
    const query = { after: seq - 1, before: seq + 1, limit: 1 }
    const { items } = await this.#api.messages(conversation, query, options)
    return items[0]
  }

  async clear(conversation: ConversationId, remove: boolean, options: CallOptions): Promise<void> {
    const known = this.#replica.conversations.get(conversation)
    if (!known) return
    const upTo = headOf(known)
    const present = known.role !== null
    if (present) await this.#api.clear(conversation, upTo, options)
    const me = this.#me()
    await this.#replica.transact(async (tx) => {
      const before = tx.conversation(conversation)
      if (!before) return
      // What is gone counts as read (rule F7).
      if (upTo > before.read) {
        const read = await readUpTo(tx, before, me, upTo)
        tx.putConversation({ ...read, readSent: Math.max(read.readSent, upTo) })
      }
      await applyUpdate(tx, { kind: 'cleared', conversation, upTo, at: 0 }, me)
    })
    if (present && remove) await this.#setSettings(conversation, { removed: upTo }, options)
  }

  async #stored(conversation: ConversationId, seq: number): Promise<Message | undefined> {
    const [stored] = await this.#replica.messages(conversation, { from: seq, before: seq + 1, limit: 1 })
    return stored && shown(stored)
  }

  #me(): string {
    const me = this.#replica.session?.user.id
    if (me === undefined) throw new ParleyError('unauthenticated', 'Nobody is logged in.')
    return me
  }
}

/** Without a server, a pin that is not here is not shown. */
function unlessOffline(error: unknown): undefined {
  if (!(error instanceof OfflineError)) throw error
}
