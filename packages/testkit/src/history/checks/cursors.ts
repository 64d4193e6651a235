import type { ConversationId, DeviceId, Position, UserId } from '@parley/protocol'
import { type Facts, isEntry } from '../facts.ts'
import type { HistoryRecord, Violation } from '../record.ts'

type Told = { pos: Position; conversation: ConversationId; seq: number }[]

/** I9: whoever acknowledges a position, or resumes from it, has applied every entry due up to the ones told by then. */
export function* checkCursors(facts: Facts): Generator<Violation> {
  const positions = new Map<DeviceId, Set<Position>>()
  for (const [device, records] of facts.devices) {
    const walk = new CursorWalk(facts, device)
    for (const record of records) yield* walk.take(record)
    positions.set(device, walk.cursors)
  }
  for (const record of facts.records) {
    if (record.type !== 'cursor' || positions.get(record.device)?.has(record.pos)) continue
    const message = `the server keeps cursor ${record.pos} for ${record.device}, which it never acknowledged or was given`
    yield { invariant: 'I9', message }
  }
}

class CursorWalk {
  /** Every position that this device may be at. */
  readonly cursors = new Set<Position>()
  readonly #facts
  readonly #device
  #applied = new Map<ConversationId, Set<number>>()
  #baselines = new Map<ConversationId, number>()
  /** All up to here is known to be applied. */
  #checked = new Map<ConversationId, number>()
  /** Where each position was told last. */
  #told = new Map<Position, { list: Told; end: number }>()
  #session = 0
  #list: Told = []

  constructor(facts: Facts, device: DeviceId) {
    this.#facts = facts
    this.#device = device
  }

  *take(record: HistoryRecord): Generator<Violation> {
    const start = this.#facts.starts.get(record)
    if (start) this.#baselines = new Map(start)
    switch (record.type) {
      case 'reset':
        this.#applied = new Map()
        this.#checked = new Map()
        this.#told = new Map()
        break
      case 'baseline':
        this.#baselines.set(record.conversation, record.head)
        break
      case 'applied': {
        const seqs = this.#applied.get(record.conversation) ?? new Set()
        this.#applied.set(record.conversation, seqs.add(record.seq))
        break
      }
      case 'event': {
        if (record.session !== this.#session) this.#list = []
        this.#session = record.session
        const { pos, update } = record
        if (isEntry(update)) this.#list.push({ pos, conversation: update.conversation, seq: update.seq })
        this.#told.set(pos, { list: this.#list, end: this.#list.length })
        break
      }
      case 'live':
        // All that was told so far lies before it.
        if (record.session !== this.#session) this.#list = []
        this.#session = record.session
        this.#told.set(record.pos, { list: this.#list, end: this.#list.length })
        break
      case 'welcome':
        this.cursors.add(record.cursor)
        break
      case 'hello':
        if (record.cursor) yield* this.#claim(record.user, record.cursor, 'resumed from')
        break
      case 'acked':
        yield* this.#claim(record.user, record.pos, 'acknowledged')
        break
    }
  }

  *#claim(user: UserId, pos: Position, did: string): Generator<Violation> {
    this.cursors.add(pos)
    const told = this.#told.get(pos)
    if (!told) return
    for (const { conversation, seq } of told.list.slice(0, told.end)) {
      const log = this.#facts.log(conversation)
      const from = Math.max(this.#checked.get(conversation) ?? 0, this.#baselines.get(conversation) ?? 0) + 1
      for (let due = from; due <= seq; due++) {
        if (!log.covers(user, due) || this.#applied.get(conversation)?.has(due)) continue
        const message = `${this.#device} ${did} ${pos}, which passes seq ${due} of ${conversation}: told or due by then, not applied`
        yield { invariant: 'I9', message }
      }
      this.#checked.set(conversation, Math.max(from - 1, seq))
    }
  }
}
