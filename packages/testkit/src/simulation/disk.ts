import type { AppendBatch } from '../../../server/src/log/conversation-log.ts'
import type { History } from '../history/history.ts'
import { type StoredPorts, StoreSet } from './store-set.ts'

/** A write as it is remembered, so that it can be made again. */
export interface Write {
  port: keyof StoredPorts
  method: string
  args: unknown[]
  at: number
}

export type Call = (...args: unknown[]) => Promise<unknown>

/**
 * What lies on the disk: a journal of writes, durable up to a mark. What a crash leaves is the stores that the durable
 * part of the journal makes.
 */
export class Disk {
  readonly #history
  #journal: Write[] = []
  #durable = 0
  #set = new StoreSet()
  /** Reserved times for ids by worker number, durable at once. */
  readonly ceilings = new Map<number, number>()
  /** Called with what was restored; planted bugs spoil it. */
  onRestored: (set: StoreSet) => void = () => {}

  constructor(history: History) {
    this.#history = history
  }

  /** Stores as they are now, the part that is not durable included. */
  get now(): StoreSet {
    return this.#set
  }

  write(write: Write): Promise<unknown> {
    this.#journal.push(write)
    return perform(this.#set, write)
  }

  /** Everything written so far survives from now on. */
  sync(): void {
    for (const { port, method, args } of this.#journal.slice(this.#durable)) {
      if (port === 'log' && method === 'append') this.#tell(args[0] as AppendBatch)
    }
    this.#durable = this.#journal.length
  }

  /** The machine lost its power: what was not durable is gone. */
  restore(): void {
    this.#journal = this.#journal.slice(0, this.#durable)
    this.#set = new StoreSet()
    for (const write of this.#journal) void perform(this.#set, write)
    this.onRestored(this.#set)
  }

  /** Queue places for the judge; a batch that was refused has none. */
  #tell({ conversation, entries, audiences }: AppendBatch): void {
    const stored = this.#set.stores.conversations.get(conversation)?.entries
    for (const { users, from, to } of audiences) {
      if (stored?.[to - 1]?.id !== entries.find(({ seq }) => seq === to)?.id) continue
      for (const user of users) this.#history.add({ type: 'queued', user, conversation, from, to })
    }
  }
}

function perform(set: StoreSet, { port, method, args, at }: Write): Promise<unknown> {
  set.time.at = at
  const target = set.ports[port]
  return (Reflect.get(target, method) as Call).apply(target, args)
}
