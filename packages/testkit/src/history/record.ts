import type {
  Content,
  ConversationId,
  DeviceId,
  EntryUpdate,
  ErrorCode,
  MediaId,
  MessageId,
  Position,
  Update,
  UserId,
} from '@parley/protocol'

/** Whose log a record is from. */
interface OfDevice {
  user: UserId
  device: DeviceId
}

interface OfSession extends OfDevice {
  /** Numbers the sessions (or chains of polls) of all devices. */
  session: number
}

interface OfMessage extends OfDevice {
  conversation: ConversationId
  clientMessageId: string
}

/** What a client writes down, in the order in which it happened to it. */
type ClientRecord =
  /** Written before the frame leaves; again for each time it is sent. */
  | ({
      type: 'sent'
      content: Content
      replyTo?: number
      mentions?: UserId[]
      /** Sends over HTTP have no order among them. */
      over?: 'socket' | 'http'
    } & OfMessage)
  | ({ type: 'ok'; seq: number; id: MessageId; duplicate?: true } & OfMessage)
  /** The `ok` of an own edit, deletion or reaction, which stands for its entry (rule D7). */
  | ({ type: 'answered'; conversation: ConversationId; seq: number } & OfDevice)
  | ({ type: 'refused'; code: ErrorCode } & OfMessage)
  | ({ type: 'hello'; cursor?: Position | null } & OfSession)
  | ({ type: 'welcome'; cursor: Position; resume: 'ok' | 'reset'; window: number } & OfSession)
  | ({ type: 'event'; pos: Position; update: Update } & OfSession)
  | ({ type: 'live'; pos: Position } & OfSession)
  /** An entry is in the device's store: it came as an event, as the `ok` of an own send, or was read to fill a hole. */
  | ({ type: 'applied'; conversation: ConversationId; seq: number } & OfDevice)
  | ({ type: 'acked'; pos: Position } & OfSession)
  /** The device dropped its entries and read state (rule Y4). */
  | ({ type: 'reset' } & OfDevice)
  /** Read from the inbox at a fresh start: entries up to `head` are not due as events (rule Y1). */
  | ({ type: 'baseline'; conversation: ConversationId; head: number } & OfDevice)
  /** Entries seen in a page of the history. */
  | ({ type: 'fetched'; conversation: ConversationId; seq: number } & OfDevice)
  | ({ type: 'read'; conversation: ConversationId; seq: number } & OfDevice)
  | ({ type: 'media'; media: MediaId; readable: boolean } & OfDevice)
  /** What a device shows at a time of quiet. Those with the same `group` must be equal. */
  | ({ type: 'snapshot'; group: string; state: unknown } & OfDevice)
  /** Everything that is due to this device had the time to arrive. */
  | ({ type: 'settled' } & OfDevice)

/** What is known of the servers, or was asked of them. */
type ServerRecord =
  /** A direct conversation, which has no opening entry that names its members. */
  | { type: 'direct'; conversation: ConversationId; members: UserId[] }
  /** Entries as they are stored, as one member or a store tells them. All of these together are the truth. */
  | { type: 'log'; conversation: ConversationId; entries: EntryUpdate[] }
  | { type: 'queued'; user: UserId; conversation: ConversationId; from: number; to: number }
  | { type: 'cursor'; user: UserId; device: DeviceId; pos: Position }
  | { type: 'id'; worker: number; id: MessageId }
  | { type: 'memory'; node: string; queue: string; size: number; bound: number }
  /** `by`: who says so, a device or 'server'. */
  | {
      type: 'unread'
      by: DeviceId | 'server'
      user: UserId
      conversation: ConversationId
      read: number
      head: number
      unread: number
      /** At the end, when everything is quiet: all must agree. */
      final?: true
    }
  | {
      type: 'watermark'
      by: DeviceId | 'server'
      conversation: ConversationId
      user: UserId
      kind: 'delivered' | 'read'
      upTo: number
    }

export type HistoryRecord = ClientRecord | ServerRecord
export type RecordType = HistoryRecord['type']
export type RecordOf<Type extends RecordType> = Extract<HistoryRecord, { type: Type }>

/** The promises of the product that a history can show to be broken. */
export const invariants = {
  I1: 'no acknowledged message lost',
  I2: 'none applied twice',
  I3: 'one order per conversation, FIFO per device',
  I4: 'nothing delivered that was not sent',
  I5: "the sender's other devices see it",
  I6: 'nothing delivered outside the membership interval',
  I7: 'watermarks only move forward',
  I8: 'ids unique, growing per worker and with seq',
  I9: 'a cursor never passes an entry that was not applied',
  I10: 'every delivered media id is readable',
  I11: 'every queue in memory is bounded',
  I12: 'unread on the server = model = every synced device',
  I13: 'after a reset a device equals a fresh device',
  Y7: 'what was read is told to the authors in the end',
  I15: "what is stored is on every member's queue in the end",
} as const
export type Invariant = keyof typeof invariants

export interface Violation {
  invariant: Invariant
  message: string
}
