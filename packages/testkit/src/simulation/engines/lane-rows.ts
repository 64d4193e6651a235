import type { ConversationId } from '@parley/protocol'
import type { MemoryConversationLog } from '../../../../server/src/adapters/memory/conversation-log.ts'
import type { LateRows } from '../../../../server/src/adapters/unsteady/late-rows.ts'
import type { AppendBatch } from '../../../../server/src/log/conversation-log.ts'

/** How far conversations are done, and what nodes note before they append. */
export class LaneRows {
  /** Conversations that a node may have left half done, by its id. */
  readonly notes = new Map<string, Set<ConversationId>>()
  readonly #log
  readonly #rows

  constructor(log: MemoryConversationLog, rows: LateRows) {
    this.#log = log
    this.#rows = rows
  }

  note(node: string, conversation: ConversationId): void {
    this.notes.set(node, (this.notes.get(node) ?? new Set()).add(conversation))
  }

  unfinished(conversation: ConversationId): { batches: readonly AppendBatch[]; time: number } {
    return { batches: [...this.#log.unfinished(conversation)], time: this.#rows.times.get(conversation) ?? 0 }
  }

  /** The batch and all before it are placed, with rows up to `time` (µs). */
  finish(batch: AppendBatch, time: number): void {
    this.#log.finish(batch)
    this.#rows.times.set(batch.conversation, Math.max(time, this.#rows.times.get(batch.conversation) ?? 0))
  }
}
