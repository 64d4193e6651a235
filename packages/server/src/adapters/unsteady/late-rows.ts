import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { QueuePosition } from '../../sync/place.ts'
import type { DeviceCursor, Pointer } from '../../sync/sync-queue.ts'

export interface LateRow {
  position: QueuePosition
  pointer: Pointer
}

/** The rows as one node reaches them. */
export type ReachedRows = Pick<LateRows, 'of' | 'floor' | 'cursors' | 'trim' | 'insert'> & {
  /** May be what this node knows alone. */
  readonly times: Pick<Map<ConversationId, number>, 'get' | 'set'>
}

const digits = 16

/** `writer` is of letters; '' comes before all writers. */
export const latePosition = (microseconds: number, writer: string): QueuePosition =>
  `t${String(microseconds).padStart(digits, '0')}x${writer}`
export const isLatePosition = (text: string): boolean => /^t\d{16}x[a-z]{0,20}$/.test(text)
export const timeOfPosition = (position: QueuePosition): number => Number(position.slice(1, 1 + digits))

/** What the nodes of a cluster share of sync queues whose rows lie in order of time. */
export class LateRows {
  readonly cursors = new Map<DeviceId, DeviceCursor>()
  /** Time of the newest row of a conversation: those that follow are not before it. */
  readonly times = new Map<ConversationId, number>()
  #queues = new Map<UserId, LateRow[]>()
  /** The last row that was trimmed. */
  #floors = new Map<UserId, QueuePosition>()

  /** Rows that can be seen at this moment, in order. */
  of(user: UserId): readonly LateRow[] {
    return this.#queues.get(user) ?? []
  }

  floor(user: UserId): QueuePosition {
    return this.#floors.get(user) ?? ''
  }

  /** From now on the row is seen, among those that are seen already. */
  insert(user: UserId, row: LateRow): void {
    const rows = this.#queues.get(user) ?? []
    this.#queues.set(user, rows)
    let at = rows.length
    while (at > 0 && rows[at - 1]!.position > row.position) at--
    if (rows[at - 1]?.position !== row.position) rows.splice(at, 0, row)
  }

  /** Rows before `time` (µs), never the newest of a user. */
  trim(time: number, limit: number): number {
    let trimmed = 0
    for (const [user, rows] of this.#queues) {
      let old = 0
      while (trimmed + old < limit && old < rows.length - 1 && timeOfPosition(rows[old]!.position) < time) old++
      const last = rows.splice(0, old).at(-1)
      if (last) this.#floors.set(user, last.position)
      trimmed += old
    }
    return trimmed
  }
}
