import type { ConversationId, MediaId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import type { BlobStore } from './blob-store.ts'
import type { MediaObjects, StoredObject } from './media-objects.ts'
import type { MediaReferences } from './media-references.ts'

const day = 86_400_000
const page = 200

/** After how many days without a reader media are put away. */
export interface TierPolicy {
  /** undefined: never. */
  days: number | undefined
  /** Other days for some conversations; undefined: never. What several carry stays for the longest. */
  conversations: ReadonlyMap<ConversationId, number | undefined>
}

/** Moves what nobody reads to the cold tier; whoever reads it again waits for it (rule M4). */
export class Tiering {
  readonly #objects
  readonly #references
  readonly #blobs
  readonly #policy
  readonly #clock

  constructor(deps: {
    objects: MediaObjects
    references: MediaReferences
    blobs: BlobStore
    policy: TierPolicy
    clock: Clock
  }) {
    this.#objects = deps.objects
    this.#references = deps.references
    this.#blobs = deps.blobs
    this.#policy = deps.policy
    this.#clock = deps.clock
  }

  /** What would be moved now. */
  async *due(): AsyncGenerator<StoredObject> {
    const { days, conversations } = this.#policy
    const all = [days, ...conversations.values()].filter((one) => one !== undefined)
    if (all.length === 0) return
    const now = this.#clock.now()
    const before = now - Math.min(...all) * day
    for (let after = ''; ; ) {
      const unread = await this.#objects.unread(before, after, page)
      for (const { media, ...object } of unread) {
        const stays = await this.#daysOf(media)
        if (stays !== undefined && object.readAt < now - stays * day) yield object
      }
      if (unread.length < page) return
      after = unread.at(-1)?.key ?? after
    }
  }

  /** Moves at most `limit` objects. @returns how many, their bytes, and the bytes that they take now */
  async run(limit: number): Promise<{ objects: number; bytes: number; stored: number }> {
    const moved = { objects: 0, bytes: 0, stored: 0 }
    for await (const { key, size } of this.due()) {
      if (moved.objects >= limit) break
      // Told before, so that one who dies in between leaves nothing cold that is said to be hot; and after, as somebody
      // who read it in between found it hot, and said so.
      await this.#objects.setTier(key, 'cold')
      moved.stored += await this.#blobs.cool(key)
      await this.#objects.setTier(key, 'cold')
      moved.objects++
      moved.bytes += size
    }
    return moved
  }

  /** The longest of what its carriers ask for; undefined: it stays. */
  async #daysOf(media: readonly MediaId[]): Promise<number | undefined> {
    let longest = 0
    for (const one of media) {
      for (let after = ''; ; ) {
        const references = await this.#references.of(one, after, page)
        for (const { conversation } of references) {
          // Pictures of people are seen without being read one by one.
          const days = conversation === undefined ? undefined : this.#daysIn(conversation)
          if (days === undefined) return undefined
          longest = Math.max(longest, days)
        }
        if (references.length < page) break
        after = references.at(-1)?.by ?? after
      }
    }
    return longest > 0 ? longest : this.#policy.days
  }

  #daysIn(conversation: ConversationId): number | undefined {
    const { days, conversations } = this.#policy
    return conversations.has(conversation) ? conversations.get(conversation) : days
  }
}
