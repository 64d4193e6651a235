import type { OwnMembership, Settings, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import { UpdateEvent } from '../delivery/event.ts'
import type { Router } from '../delivery/router.ts'
import type { Clock } from '../lib/clock.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { Place } from '../sync/place.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import type { ConversationService } from './conversations.ts'
import { membershipOf } from './membership.ts'
import type { OwnStore, ReadMark, Star } from './own-store.ts'
import { markAt, unreadOf } from './unread.ts'

type SettingsPatch = { [Key in keyof Settings]?: Settings[Key] | null }

const unreadFrom: ReadMark = { read: 0, messages: 0, own: 0 }

/** What a member keeps for themselves: settings, how far they have read. Told to their own devices. */
export class OwnView {
  readonly #conversations
  readonly #store
  readonly #log
  readonly #queue
  readonly #router
  readonly #clock

  constructor(deps: {
    conversations: ConversationService
    store: OwnStore
    log: ConversationLog
    queue: SyncQueue
    router: Router
    clock: Clock
  }) {
    this.#conversations = deps.conversations
    this.#store = deps.store
    this.#log = deps.log
    this.#queue = deps.queue
    this.#router = deps.router
    this.#clock = deps.clock
  }

  async membership({ user }: Identity, conversation: string): Promise<OwnMembership> {
    const { record, seq } = await this.#conversations.stateFor(user, conversation)
    const [{ settings }, mark, cleared] = await Promise.all([
      this.#store.settings(user, conversation),
      this.#store.readMark(user, conversation),
      this.#store.cleared(user, conversation),
    ])
    const read = Math.min(mark?.read ?? 0, seq)
    return { ...membershipOf(record.members.get(user)), ...settings, read, ...(cleared > 0 && { cleared }) }
  }

  /** null takes a setting away. */
  async patchSettings({ user }: Identity, conversation: string, patch: SettingsPatch): Promise<Settings> {
    await this.#conversations.stateFor(user, conversation, 0)
    const before = await this.#store.settings(user, conversation)
    const merged = { ...before.settings, ...patch }
    const settings = Object.fromEntries(
      Object.entries(merged).filter(([, value]) => value !== null && value !== undefined),
    ) as Settings
    // They come after what they were made of, also where the clock that saw that is ahead of this one.
    const at = Math.max(Math.floor(this.#clock.now()), before.at + 1)
    const update = JSON.stringify({ kind: 'settings', conversation, ...settings, at })
    this.#wake(await this.#store.saveSettings(user, conversation, { settings, at }, update), update)
    return settings
  }

  /** Moves the read watermark to `seq`, cut to the head; never back. @returns where it is then. */
  async read({ user }: Identity, conversation: string, seq: number): Promise<number> {
    const state = await this.#conversations.stateFor(user, conversation, seq)
    const before = (await this.#store.readMark(user, conversation)) ?? unreadFrom
    const to = Math.min(seq, state.seq)
    if (to < before.read || to === 0) return before.read
    // The same again is the second try of a device that got no answer: it is told again.
    const mark = to === before.read ? before : await markAt(this.#log, state, user, to, before)
    const unread = unreadOf(state, user, mark)
    const update = JSON.stringify({ kind: 'read', conversation, read: to, unread, head: state.seq })
    this.#wake(await this.#store.saveReadMark(user, conversation, mark, update), update)
    return to
  }

  /** Takes a message out of this user's own view, on all of their devices. */
  async hide(user: UserId, conversation: string, seq: number): Promise<void> {
    const update = JSON.stringify({ kind: 'hidden', conversation, target: seq })
    this.#wake(await this.#store.hide(user, conversation, seq, update), update)
  }

  /** Puts a star on a message, or takes it away, on all of the user's devices. */
  async star(user: UserId, star: Star, starred: boolean): Promise<void> {
    const { conversation, seq, at } = star
    const update = JSON.stringify({ kind: 'star', conversation, target: seq, starred, at })
    this.#wake(await this.#store.star(user, star, starred, update), update)
  }

  /** Takes everything up to `upTo`, cut to the head, out of this user's own view. Never back. */
  async clear({ user }: Identity, conversation: string, upTo: number): Promise<void> {
    const state = await this.#conversations.stateFor(user, conversation, upTo)
    const to = Math.min(upTo, state.seq)
    // The same again is the second try of a device that got no answer: it is told again.
    if (to === 0 || to < (await this.#store.cleared(user, conversation))) return
    const update = JSON.stringify({ kind: 'cleared', conversation, upTo: to, at: this.#clock.now() })
    this.#wake(await this.#store.clear(user, conversation, to, update), update)
  }

  /** Puts a small update on the user's own queue. */
  async tell(user: UserId, update: object): Promise<void> {
    const json = JSON.stringify(update)
    this.#wake(await this.#queue.put([{ user, update: json }]), json)
  }

  #wake(places: readonly Place[], update: string): void {
    this.#router.deliver(places, [new UpdateEvent(update)])
  }
}
