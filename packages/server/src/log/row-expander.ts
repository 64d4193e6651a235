import type { UserId } from '@parley/protocol'
import { type Event, UpdateEvent } from '../delivery/event.ts'
import { unavailable } from '../lib/errors.ts'
import type { RowExpander } from '../sync/queue-reader.ts'
import type { QueueRow } from '../sync/sync-queue.ts'
import type { ConversationLog } from './conversation-log.ts'
import type { ConversationStates } from './conversation-states.ts'
import { EntryEvent } from './entry-event.ts'
import { inInterval } from './fold.ts'

interface Range {
  conversation: string
  from: number
  to: number
}

/** Looks up what queue rows point at. Rows that stand side by side in one conversation are read as one range. */
export class LogRowExpander implements RowExpander {
  readonly #log
  readonly #states

  constructor(log: ConversationLog, states: ConversationStates) {
    this.#log = log
    this.#states = states
  }

  async expand(user: UserId, rows: readonly QueueRow[]): Promise<(readonly (Event | undefined)[])[]> {
    const found = new Map<string, Map<number, Event>>()
    await Promise.all(rangesOf(rows).map((range) => this.#readRange(user, range, found)))
    return rows.map(({ pointer }) => {
      if (pointer.kind === 'update') return [new UpdateEvent(pointer.update)]
      const entries = found.get(pointer.conversation)
      const events: (Event | undefined)[] = []
      for (let seq = pointer.from; seq <= pointer.to; seq++) events.push(entries?.get(seq))
      return events
    })
  }

  async #readRange(
    user: UserId,
    { conversation, from, to }: Range,
    found: Map<string, Map<number, Event>>,
  ): Promise<void> {
    const state = await this.#states.get(conversation)
    // A pointer may be older than a removal: only what lies in the reader's intervals is theirs (rule D5).
    let member = state?.record.members.get(user)
    if (state && !inInterval(member, to)) {
      await this.#states.refresh(state)
      member = state.record.members.get(user)
    }
    const entries = await this.#log.read(conversation, { after: from - 1, before: to + 1, limit: to - from + 1 })
    let events = found.get(conversation)
    if (!events) {
      events = new Map()
      found.set(conversation, events)
    }
    const read = new Map(entries.map((entry) => [entry.seq, entry]))
    for (let seq = from; seq <= to; seq++) {
      if (!inInterval(member, seq)) continue
      const entry = read.get(seq)
      // A row says that the entry is stored; skipping what is not read would lose it. The reader tries again.
      if (!entry) throw unavailable(`entry ${seq} cannot be read yet`)
      events.set(seq, new EntryEvent(entry))
    }
  }
}

function rangesOf(rows: readonly QueueRow[]): Range[] {
  const ranges: Range[] = []
  const open = new Map<string, Range>()
  for (const { pointer } of rows) {
    if (pointer.kind !== 'entries') continue
    const { conversation, from, to } = pointer
    const range = open.get(conversation)
    if (range && from === range.to + 1) range.to = to
    else {
      const fresh = { conversation, from, to }
      ranges.push(fresh)
      open.set(conversation, fresh)
    }
  }
  return ranges
}
