import type { ConversationId, Settings, UserId } from '@parley/protocol'
import type { Place } from '../sync/place.ts'

/** How far a member has read, with the counts of the log there (unread is a subtraction). */
export interface ReadMark {
  read: number
  /** Messages of everybody up to `read`. */
  messages: number
  /** The member's own messages up to `read`. */
  own: number
}

export interface OwnSettings {
  settings: Settings
  /** When they were saved, ms; 0: nobody knows, or they never were. */
  at: number
}

export interface Star {
  conversation: ConversationId
  seq: number
  /** When it was starred. */
  at: number
}

/**
 * Port: what members keep for themselves of their conversations.
 *
 * Everything is saved and told in one atomic step: with it `update` (an Update as JSON) is put on
 * the member's own sync queue. When it resolves both are durable; otherwise both or neither, now or some time later,
 * never one alone (an engine without transactions uses a logged batch). Repeating it puts the update again. Of stars that
 * are put and taken at once, what stays is that of the last row.
 */
export interface OwnStore {
  settings(user: UserId, conversation: ConversationId): Promise<OwnSettings>
  /**
   * Those with the greatest `at` stay, whenever they are saved and wherever their rows lie: devices do it the same way.
   * Older ones change nothing, and may be told.
   */
  saveSettings(user: UserId, conversation: ConversationId, own: OwnSettings, update: string): Promise<Place[]>
  readMark(user: UserId, conversation: ConversationId): Promise<ReadMark | undefined>
  /**
   * Forward only. The mark that is stored already is told again; one behind it changes nothing and is not told (an engine
   * that cannot see that in one step may tell it: devices keep the newer one).
   */
  saveReadMark(user: UserId, conversation: ConversationId, mark: ReadMark, update: string): Promise<Place[]>
  /** Deleted for this user alone. */
  hide(user: UserId, conversation: ConversationId, seq: number, update: string): Promise<Place[]>
  hidden(user: UserId, conversation: ConversationId, from: number, to: number): Promise<number[]>
  /** Puts a star on a message, or takes it away. */
  star(user: UserId, star: Star, starred: boolean, update: string): Promise<Place[]>
  /** All of the user's, in no order. */
  stars(user: UserId): Promise<Star[]>
  /** Ascending by seq. */
  starsIn(user: UserId, conversation: ConversationId, from: number, to: number): Promise<Star[]>
  /** Messages up to `upTo` are gone for this user. Forward only; one behind it changes nothing, and may be told. */
  clear(user: UserId, conversation: ConversationId, upTo: number, update: string): Promise<Place[]>
  /** 0 when nothing was cleared. */
  cleared(user: UserId, conversation: ConversationId): Promise<number>
}
