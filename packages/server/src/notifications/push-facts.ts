import type { ConversationId, DeviceId, UserId, UserSettings } from '@parley/protocol'
import type { Directory } from '../accounts/directory.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { ReadMark } from '../conversations/own-store.ts'
import { unreadOf } from '../conversations/unread.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import type { DeviceCursors } from '../sync/device-cursors.ts'
import type { QueuePosition } from '../sync/place.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import type { Facts } from './decision.ts'
import type { ClaimedJob } from './push-queue.ts'

/** Of a user's conversations so many are counted for the badge, the newest. */
const badgeConversations = 100
/** A queue is searched for an entry whose place is not known; beyond so many rows it counts as not acknowledged. */
const searchedRows = 2000
const pageRows = 500
const unreadFrom: ReadMark = { read: 0, messages: 0, own: 0 }

export interface UserFacts {
  cursors: ReadonlyMap<DeviceId, QueuePosition>
  settings: UserSettings
}

/** What is known of each user is asked once for the jobs that are looked at together. */
export class UserFactsOnce {
  readonly #load
  readonly #known = new Map<UserId, Promise<UserFacts>>()

  constructor(load: (user: UserId) => Promise<UserFacts>) {
    this.#load = load
  }

  of(user: UserId): Promise<UserFacts> {
    let facts = this.#known.get(user)
    if (!facts) {
      facts = this.#load(user)
      this.#known.set(user, facts)
    }
    return facts
  }
}

/** Finds out what a decision about a notification is made on. */
export class PushFacts {
  readonly #store
  readonly #states
  readonly #directory
  readonly #cursors
  readonly #queue

  constructor(deps: {
    store: ConversationStore
    states: ConversationStates
    directory: Directory
    cursors: DeviceCursors
    queue: SyncQueue
  }) {
    this.#store = deps.store
    this.#states = deps.states
    this.#directory = deps.directory
    this.#cursors = deps.cursors
    this.#queue = deps.queue
  }

  users(): UserFactsOnce {
    return new UserFactsOnce(async (user) => {
      const [cursors, settings] = await Promise.all([this.#cursors.of(user), this.#directory.settings(user)])
      return { cursors: new Map(cursors.map(({ device, position }) => [device, position])), settings }
    })
  }

  async of(job: ClaimedJob, users: UserFactsOnce, now: number): Promise<Facts & { locale: string | undefined }> {
    const { user, device, conversation, seq, mentioned, shown } = job
    const [facts, mark, { settings }, state] = await Promise.all([
      users.of(user),
      this.#store.readMark(user, conversation),
      this.#store.settings(user, conversation),
      this.#states.get(conversation),
    ])
    return {
      now,
      seq,
      mentioned,
      isShown: shown > 0,
      isMember: state?.isPresent(user) ?? false,
      acknowledged: await this.#acknowledged(job, facts.cursors.get(device)),
      read: mark?.read ?? 0,
      settings,
      user: facts.settings,
      locale: facts.settings.locale,
    }
  }

  /** Unread messages of one conversation. */
  async unread(user: UserId, conversation: ConversationId): Promise<number> {
    const [state, mark] = await Promise.all([
      this.#states.current(conversation),
      this.#store.readMark(user, conversation),
    ])
    return state?.isPresent(user) ? unreadOf(state, user, mark ?? unreadFrom) : 0
  }

  /** Unread messages of all conversations. */
  async badge(user: UserId): Promise<number> {
    const rows = await this.#store.inbox(user, undefined, badgeConversations)
    const counts = await Promise.all(rows.map(({ conversation }) => this.unread(user, conversation)))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async #acknowledged(job: ClaimedJob, cursor: QueuePosition | undefined): Promise<boolean> {
    if (cursor === undefined) return false
    if (job.position !== '') return this.#queue.compare(cursor, job.position) >= 0
    // Found again after a death: its place is looked for behind what the device has.
    let after = cursor
    for (let rows = 0; rows < searchedRows; rows += pageRows) {
      const page = await this.#queue.read(job.user, after, pageRows)
      if (!page) return false
      const isThere = page.rows.some(
        ({ pointer }) =>
          pointer.kind === 'entries' && pointer.conversation === job.conversation && pointer.to >= job.seq,
      )
      if (isThere) return false
      if (page.complete) return true
      after = page.next
    }
    return false
  }
}
