import type { ConversationId, UserId } from '@parley/protocol'
import type { ReadMark } from '../conversations/own-store.ts'
import type { Clock } from '../lib/clock.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { KnownWatermarks } from './known-watermarks.ts'
import { type Progress, progressKey } from './progress.ts'

/** Authors are looked for in so many entries at most. */
const furthestBack = 1000

/** What is known of readers. */
export interface Readers {
  /** The reader's privacy setting `readReceipts`. */
  showsReads(user: UserId): Promise<boolean>
  /** Where the reader's stay in the conversation began. */
  joinedSeq(conversation: ConversationId, user: UserId): Promise<number>
  readMark(user: UserId, conversation: ConversationId): Promise<ReadMark | undefined>
}

/**
 * Finds who is to be told of a member's progress. A read mark is durable before its answer, its watermark up to a second
 * later; a process that dies between them leaves a mark ahead of the watermark, and as the watermark is stored together
 * with the notices, the authors of everything between the two are those who were not told.
 */
export class Untold {
  readonly #log
  readonly #readers
  readonly #clock

  constructor(log: ConversationLog, readers: Readers, clock: Clock) {
    this.#log = log
    this.#readers = readers
    this.#clock = clock
  }

  /**
   * Adds the authors. `strange`: members met for the first time in this process, of whom also older traces are looked
   * for. @returns those with something to store
   */
  async complete(all: readonly Progress[], known: KnownWatermarks, strange: ReadonlySet<string>): Promise<Progress[]> {
    const asked = new Map<string, Promise<UserId[]>>()
    const authors = (conversation: ConversationId, after: number, upTo: number): Promise<UserId[]> => {
      const key = `${conversation} ${after} ${upTo}`
      const found = asked.get(key) ?? this.#log.authors(conversation, after, upTo)
      asked.set(key, found)
      return found
    }
    const completed = await Promise.all(all.map((progress) => this.#complete(progress, { known, strange, authors })))
    return all.filter((_, index) => completed[index])
  }

  async #complete(
    progress: Progress,
    {
      known,
      strange,
      authors,
    }: {
      known: KnownWatermarks
      strange: ReadonlySet<string>
      authors: ConversationLog['authors']
    },
  ): Promise<boolean> {
    const { conversation, user } = progress
    const stored = known.of(conversation, user)
    const isStrange = strange.has(progressKey(conversation, user))
    const joined = await this.#readers.joinedSeq(conversation, user)
    const others = async (after: number, upTo: number): Promise<UserId[]> => {
      const from = Math.max(after, joined - 1, upTo - furthestBack)
      const found = from < upTo ? await authors(conversation, from, upTo) : []
      return found.filter((author) => author !== user)
    }
    const add = (found: readonly UserId[]): void => {
      for (const author of found) progress.authors.add(author)
    }
    const told = stored?.read.upTo ?? 0
    if (isStrange && progress.doubtful === 0) {
      progress.doubtful = (await this.#readers.readMark(user, conversation))?.read ?? 0
    }
    if (Math.max(progress.read, progress.doubtful) > told && !(await this.#readers.showsReads(user))) {
      // Who does not show reads leaves no trace of them for others.
      progress.read = 0
      progress.doubtful = 0
    }
    if (progress.doubtful > Math.max(told, progress.read)) {
      const found = await others(told, progress.doubtful)
      if (found.length > 0) {
        progress.read = progress.doubtful
        progress.seenAt = this.#clock.now()
      } else known.settle(conversation, user, progress.doubtful)
    }
    if (progress.read > told) add(await others(told, progress.read))
    const reached = stored?.delivered.upTo ?? 0
    if (isStrange && progress.delivered > reached + 1) add(await others(reached, progress.delivered))
    return progress.read > told || progress.delivered > 0
  }
}
