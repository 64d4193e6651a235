import type { LateRow } from '../../../server/src/adapters/unsteady/late-rows.ts'
import type { AppendBatch } from '../../../server/src/log/conversation-log.ts'
import type { History } from '../history/history.ts'
import { type RowTimes, type StoredPorts, StoreSet } from './store-set.ts'

/** A write as it is remembered, so that it can be made again. */
export interface Write {
  port: keyof StoredPorts | 'rows' | 'lanes'
  method: string
  args: unknown[]
  at: number
  /** Where rows lie in the order of their times. */
  rows?: RowTimes
}

export type Call = (...args: unknown[]) => Promise<unknown>

/**
 * What lies on the disk: a journal of writes, durable up to a mark. What a crash leaves is the stores that the durable
 * part of the journal makes.
 */
export class Disk {
  readonly #history
  readonly #queues
  #journal: Write[] = []
  #durable = 0
  #set
  /** Reserved times for ids by worker number, durable at once. */
  readonly ceilings = new Map<number, number>()
  /** Called with what was restored; planted bugs spoil it. */
  onRestored: (set: StoreSet) => void = () => {}

  constructor(history: History, queues: 'exact' | 'late') {
    this.#history = history
    this.#queues = queues
    this.#set = new StoreSet(queues)
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
      if (port === 'rows') this.#tellRow(args as [string, LateRow])
    }
    this.#durable = this.#journal.length
  }

  /** The machine lost its power: what was not durable is gone. */
  restore(): void {
    this.#journal = this.#journal.slice(0, this.#durable)
    this.#set = new StoreSet(this.#queues)
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

  #tellRow([user, { pointer }]: [string, LateRow]): void {
    if (pointer.kind !== 'entries') return
    const { conversation, from, to } = pointer
    this.#history.add({ type: 'queued', user, conversation, from, to })
  }
}

async function perform(set: StoreSet, { port, method, args, at, rows }: Write): Promise<unknown> {
  set.time.at = at
  if (rows) set.placing = { ...rows }
  const target = port === 'rows' || port === 'lanes' ? set[port] : set.ports[port]
  return (Reflect.get(target, method) as Call).apply(target, args)
}
