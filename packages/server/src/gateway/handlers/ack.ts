import type { AckFrame, ConversationId } from '@parley/protocol'
import type { MessageRef } from '../../delivery/event.ts'
import { invalid } from '../../lib/errors.ts'
import type { Receipts } from '../../messages/receipts.ts'
import type { Cursor, CursorFormat } from '../../sync/cursor.ts'
import type { DeviceCursors } from '../../sync/device-cursors.ts'
import type { SyncQueue } from '../../sync/sync-queue.ts'
import type { Session } from '../session.ts'

/** `ack`: everything up to `pos` is stored on the device; delivered receipts follow from it (rules Y3, Y7). */
export class AckHandler {
  readonly #cursors
  readonly #format
  readonly #queue
  readonly #receipts

  constructor(cursors: DeviceCursors, format: CursorFormat, queue: SyncQueue, receipts: Receipts) {
    this.#cursors = cursors
    this.#format = format
    this.#queue = queue
    this.#receipts = receipts
  }

  handle(session: Session, { pos }: AckFrame): void {
    const { user, device } = session
    const acknowledged = session.window?.acknowledge(pos)
    if (!acknowledged) return this.#checkRepeated(session, pos)
    const cursor = this.#format.parse(pos)
    if (!cursor) throw invalid('pos', 'This position was not given.')
    this.#noteAcked(session, cursor)
    let newest: string | undefined
    if (acknowledged.length === 1) {
      const message = acknowledged[0]?.message
      if (message) {
        newest = acknowledged[0]?.id
        this.#receipts.delivered(user, message)
      }
    } else {
      const perAuthor = new Map<ConversationId, MessageRef>()
      for (const { message, id } of acknowledged) {
        if (!message) continue
        newest = id
        perAuthor.set(`${message.conversation} ${message.sender}`, message)
      }
      // In seq order within a conversation, as they were given: the last one moves the watermark.
      for (const message of [...perAuthor.values()].sort((a, b) => a.seq - b.seq))
        this.#receipts.delivered(user, message)
    }
    this.#cursors.move(user, device, cursor.after, newest)
    session.acknowledged()
  }

  /** A late row is given, and acknowledged, after rows that stand behind it. */
  #noteAcked(session: Session, cursor: Cursor): void {
    const known = session.ackedUpTo
    if (known && this.#queue.late && this.#queue.compare(known.after, cursor.after) > 0) return
    session.ackedUpTo = cursor
  }

  /** What was acknowledged before may be acknowledged again; anything else was never given. */
  #checkRepeated(session: Session, pos: string): void {
    const cursor = this.#format.parse(pos)
    const known = session.ackedUpTo
    if (cursor && known) {
      const order = this.#queue.compare(cursor.after, known.after)
      if (order < 0 || (order === 0 && (this.#queue.late || cursor.given <= known.given))) return
    }
    throw invalid('pos', 'This position was not given.')
  }
}
