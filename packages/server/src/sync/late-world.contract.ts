import type { UserId } from '@parley/protocol'
import { LateRows } from '../adapters/unsteady/late-rows.ts'
import { LateSyncQueue } from '../adapters/unsteady/late-sync-queue.ts'
import { type Event, UpdateEvent } from '../delivery/event.ts'
import type { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { CursorFormat } from './cursor.ts'
import type { QueuePosition } from './place.ts'
import type { RowExpander } from './queue-reader.ts'

/** W of these tests, ms. */
export const within = 1000
export const user: UserId = 'ann'

const entryEvent = (conversation: string, seq: number): Event => ({
  json: () => `${conversation} ${seq}`,
  frameEnd: () => Buffer.from(''),
  size: 10,
  update: () => ({ kind: 'hidden', conversation, target: seq }),
  message: undefined,
  id: '',
  entry: { conversation, seq },
})

export const rangeEvents = (conversation: string, from: number, to: number): Event[] =>
  Array.from({ length: to - from + 1 }, (_, index) => entryEvent(conversation, from + index))

export const expander: RowExpander = {
  expand: async (_, rows) =>
    rows.map(({ pointer }) =>
      pointer.kind === 'update'
        ? [new UpdateEvent(pointer.update)]
        : rangeEvents(pointer.conversation, pointer.from, pointer.to),
    ),
}

/** Nodes over one late queue, their clocks off as far as they may be. */
export function openNodes(clock: ManualClock, seed: number, count = 3): LateSyncQueue[] {
  const rows = new LateRows()
  return Array.from({ length: count }, (_, index) => {
    const random = seededRandom(seed * 10 + index)
    const off = Math.floor((random.float() - 0.5) * (within / 2))
    const own = { now: () => clock.now() + off }
    const skewed = new Proxy(clock, {
      get: (target, name) => {
        if (name in own) return Reflect.get(own, name)
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    return new LateSyncQueue(rows, { clock: skewed, random, within })
  })
}

export const cursorsOf = (queue: LateSyncQueue): CursorFormat =>
  new CursorFormat('e', (text) => queue.isPosition(text), true)

/** Appends to one conversation, row after row as a lane does, and tells who listens. */
export class Author {
  readonly conversation: string
  readonly #nodes
  readonly #hint
  seq = 0

  constructor(
    conversation: string,
    nodes: readonly LateSyncQueue[],
    hint: (position: QueuePosition, events: readonly Event[]) => void,
  ) {
    this.conversation = conversation
    this.#nodes = nodes
    this.#hint = hint
  }

  /** `twice`: somebody else completes what was complete already. */
  async append(count: number, over: number, told: boolean, twice: boolean): Promise<void> {
    const [from, to] = [this.seq + 1, this.seq + count]
    const pointer = { kind: 'entries' as const, conversation: this.conversation, from, to }
    const { position } = await this.#nodes[over % this.#nodes.length]!.place(user, pointer)
    if (twice) await this.#nodes[(over + 1) % this.#nodes.length]!.place(user, pointer)
    this.seq = to
    if (told) this.#hint(position, rangeEvents(this.conversation, from, to))
  }
}

/** What a device has stored; entries of a conversation must come one after the other, or again. */
export class Device {
  readonly seqs = new Map<string, number>()
  readonly updates = new Set<string>()
  repeats = 0

  /** @returns false when one before it is missing (rule Y2) */
  apply(event: Event): boolean {
    if (!event.entry) {
      if (this.updates.has(event.json(user))) this.repeats++
      this.updates.add(event.json(user))
      return true
    }
    const { conversation, seq } = event.entry
    const applied = this.seqs.get(conversation) ?? 0
    if (seq <= applied) this.repeats++
    else this.seqs.set(conversation, seq)
    return seq <= applied + 1
  }

  copy(): Device {
    const copy = new Device()
    for (const [conversation, seq] of this.seqs) copy.seqs.set(conversation, seq)
    for (const update of this.updates) copy.updates.add(update)
    return copy
  }
}
