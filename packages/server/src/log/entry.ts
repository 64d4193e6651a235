import type { ConversationId, DeviceId, MessageId, UserId } from '@parley/protocol'

export type EntryKind = 'message' | 'edit' | 'delete' | 'reaction' | 'membership' | 'conversation'

/** One lasting change of a conversation. */
export interface Entry {
  conversation: ConversationId
  /** 1, 2, 3… without holes. */
  seq: number
  /** Snowflake in decimal; grows with `seq`. */
  id: MessageId
  kind: EntryKind
  /** Who did it. */
  sender: UserId
  /** On which device; '' when the server did it. */
  device: DeviceId
  clientMessageId: string | undefined
  /** Time of `id`, ms since the epoch. */
  at: number
  /** Entries of kind `message` up to and including this one. */
  messages: number
  /** Entries of kind `message` by `sender` up to and including this one. */
  own: number
  /**
   * What is particular to the kind, as a JSON object:
   * message `{content, replyTo?, mentions?}`, edit `{target, content}`, delete `{target}`, reaction `{target, emoji}`,
   * membership `{user, role}`, conversation `{title?, description?, avatar?, history?, members?, pins?}`.
   * A message deleted for everyone, and its edits, read back with `content: {}`.
   */
  body: string
}

/** The end of a conversation's log, with what an appender needs to make the next entry. */
export interface Head {
  /** 0 when nothing was appended yet. */
  seq: number
  /** Id of the newest entry; '0' when there is none. */
  id: MessageId
  /** Time of the newest entry; of the conversation's creation when there is none. */
  at: number
  /** Entries of kind `message` so far. */
  messages: number
  /** Newest entry of kind `message`, 0 when there is none. */
  lastMessage: number
  /** Messages by each user who ever sent one. */
  own: ReadonlyMap<UserId, number>
}

export const emptyHead = (at: number): Head => ({ seq: 0, id: '0', at, messages: 0, lastMessage: 0, own: new Map() })
