import type { ConversationId, UserId } from '@parley/protocol'
import { Lru } from '../lib/lru.ts'
import { type Progress, progressKey, watermarksOf } from './progress.ts'
import type { ReceiptStore, Watermark } from './receipt-store.ts'

interface Mark {
  upTo: number
  at: number
}

/** What is stored of a member, and so was told to authors. */
export interface Known {
  delivered: Mark
  read: Mark
  /** Read marks up to here need no telling any more. */
  settled: number
}

const none: Mark = { upTo: 0, at: 0 }
const remembered = 100_000

/**
 * The newest stored watermarks of members, at hand. Another node may have moved one on since: then too much is told
 * here, which stores and sessions lift to what they know (I7), and nothing is read again for each receipt.
 */
export class KnownWatermarks {
  readonly #store
  readonly #known = new Lru<string, Known>(remembered)

  constructor(store: ReceiptStore) {
    this.#store = store
  }

  of(conversation: ConversationId, user: UserId): Known | undefined {
    return this.#known.get(progressKey(conversation, user))
  }

  /** Reads those of members that are not at hand. @returns their keys */
  async learn(members: readonly Progress[]): Promise<ReadonlySet<string>> {
    const strange = members.filter(({ conversation, user }) => !this.of(conversation, user))
    const conversations = [...new Set(strange.map(({ conversation }) => conversation))]
    const found = await Promise.all(conversations.map((conversation) => this.#store.latest(conversation)))
    for (const watermark of found.flat()) this.#note(watermark)
    const keys = new Set<string>()
    for (const { conversation, user } of strange) {
      const key = progressKey(conversation, user)
      keys.add(key)
      if (!this.#known.get(key)) this.#known.set(key, { delivered: none, read: none, settled: 0 })
    }
    return keys
  }

  /** Lifts what is to be told to what was told before: a slower device, or a restart, takes nothing back (I7). */
  raise(progress: Progress): void {
    const known = this.of(progress.conversation, progress.user)
    if (!known) return
    const { delivered, read } = known
    if (Math.max(progress.delivered, progress.read) < delivered.upTo) {
      progress.delivered = delivered.upTo
      progress.deliveredAt = delivered.at
    }
    if (progress.read > 0 && progress.read < read.upTo) {
      progress.read = read.upTo
      progress.seenAt = read.at
    }
  }

  saved(all: readonly Progress[]): void {
    for (const progress of all) {
      for (const watermark of watermarksOf(progress)) this.#note(watermark)
      this.settle(progress.conversation, progress.user, progress.read)
    }
  }

  settle(conversation: ConversationId, user: UserId, read: number): void {
    const known = this.of(conversation, user)
    if (known && known.settled < read) this.#known.set(progressKey(conversation, user), { ...known, settled: read })
  }

  /** It is not known any more what is stored. */
  forget(all: readonly Progress[]): void {
    for (const { conversation, user } of all) this.#known.delete(progressKey(conversation, user))
  }

  #note({ conversation, user, kind, upTo, at }: Watermark): void {
    const key = progressKey(conversation, user)
    const known = this.#known.get(key) ?? { delivered: none, read: none, settled: 0 }
    if (known[kind].upTo >= upTo) return
    const settled = kind === 'read' ? Math.max(known.settled, upTo) : known.settled
    this.#known.set(key, { ...known, [kind]: { upTo, at }, settled })
  }
}
