import type { ConversationId, ReadUpdate, UserId } from '@parley/protocol'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { type Event, UpdateEvent } from '../delivery/event.ts'
import type { Lift, RowExpander } from '../sync/queue-reader.ts'
import type { QueueRow } from '../sync/sync-queue.ts'

const start = '{"kind":"read",'
/** Conversations whose read mark a session remembers. */
const remembered = 200

function parse(event: Event | undefined): ReadUpdate | undefined {
  if (!(event instanceof UpdateEvent)) return undefined
  const json = event.json()
  return json.startsWith(start) ? (JSON.parse(json) as ReadUpdate) : undefined
}

/**
 * Where a user's devices read through several nodes, rows of their marks may lie in another order than the marks. A
 * session repeats the newest that it told instead of an older one (invariant I7).
 */
export class ForwardReads implements Lift {
  #told = new Map<ConversationId, { read: number; event: Event }>()

  /** False for a conversation whose mark was not told yet: an earlier session may have told a newer one. */
  trusts(event: Event): boolean {
    const update = parse(event)
    return update === undefined || this.#told.has(update.conversation)
  }

  lift(event: Event): Event {
    const update = parse(event)
    if (!update) return event
    const { conversation, read } = update
    const told = this.#told.get(conversation)
    if (told && told.read > read) return told.event
    if (!told && this.#told.size >= remembered) this.#told.clear()
    this.#told.set(conversation, { read, event })
    return event
  }
}

/** Of marks that are read from a queue only the newest is told: its own row is there too. */
export class NewestReads implements RowExpander {
  readonly #expander
  readonly #store

  constructor(expander: RowExpander, store: Pick<ConversationStore, 'readMark'>) {
    this.#expander = expander
    this.#store = store
  }

  async expand(user: UserId, rows: readonly QueueRow[]): Promise<(readonly (Event | undefined)[])[]> {
    const expanded = await this.#expander.expand(user, rows)
    const marks = new Map<ConversationId, Promise<number>>()
    const newest = (conversation: ConversationId): Promise<number> => {
      const known = marks.get(conversation) ?? this.#store.readMark(user, conversation).then((mark) => mark?.read ?? 0)
      marks.set(conversation, known)
      return known
    }
    return Promise.all(
      expanded.map(async (events) => {
        const update = events.length === 1 ? parse(events[0]) : undefined
        if (!update) return events
        return update.read < (await newest(update.conversation)) ? [undefined] : events
      }),
    )
  }
}
