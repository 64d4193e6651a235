import { type CloseCode, closeCode, type SyncAnswer, type Update } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { Event, MessageRef } from '../delivery/event.ts'
import type { Hub, LocalSession } from '../delivery/hub.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import type { Receipts } from '../messages/receipts.ts'
import type { Cursor } from '../sync/cursor.ts'
import type { DeviceCursors } from '../sync/device-cursors.ts'
import type { ReaderDependencies } from '../sync/queue-reader.ts'
import { resumeAt } from './greeter.ts'

export interface PollRequest {
  cursor?: string | undefined
  /** Seconds. */
  wait: number
  limit: number
}

interface Found {
  updates: { pos: string; update: Update }[]
  cursor: string
  complete: boolean
}

/** The queue over plain HTTP (rule L1): nothing is held between requests. */
export class LongPoll {
  readonly #reader
  readonly #hub
  readonly #clock
  readonly #cursors
  readonly #receipts

  constructor(deps: {
    reader: ReaderDependencies
    hub: Hub
    clock: Clock
    cursors: DeviceCursors
    receipts: Receipts
  }) {
    this.#reader = deps.reader
    this.#hub = deps.hub
    this.#clock = deps.clock
    this.#cursors = deps.cursors
    this.#receipts = deps.receipts
  }

  async poll(
    identity: Identity,
    { cursor: given, wait, limit }: PollRequest,
    signal: AbortSignal,
  ): Promise<SyncAnswer> {
    const { queue, cursors } = this.#reader
    const { user } = identity
    const { cursor, resume } = await resumeAt(queue, cursors, user, given)
    const start = cursors.at(cursor.after, cursor.given)
    if (resume === 'reset') return { updates: [], cursor: start, live: true, resume }
    if (given === undefined) this.#cursors.move(user, identity.device, cursor.after, undefined)
    else await this.#acknowledge(identity, cursor)
    const waiter = new Waiter(identity)
    this.#hub.add(waiter)
    try {
      const deadline = this.#clock.monotonic() + wait * 1000
      for (;;) {
        const woken = waiter.next()
        const found = await this.#read(user, cursor, limit)
        if (waiter.turnedAway) throw new AppError('unauthenticated', 'This device was logged out.')
        if (found.updates.length > 0) return answer(found, resume)
        // Rows that hold nothing for this user move the cursor all the same.
        Object.assign(cursor, cursors.parse(found.cursor) ?? cursor)
        const left = deadline - this.#clock.monotonic()
        if (left <= 0 || signal.aborted) return answer(found, resume)
        await this.#wait(woken, left, signal)
      }
    } finally {
      this.#hub.remove(waiter)
    }
  }

  async #read(user: string, from: Cursor, limit: number): Promise<Found> {
    const { queue, cursors, expander } = this.#reader
    const page = await queue.read(user, from.after, limit)
    const rows = page?.rows ?? []
    const expanded = await expander.expand(user, rows)
    const updates: Found['updates'] = []
    let cursor = cursors.at(from.after, from.given)
    for (const [index, row] of rows.entries()) {
      const events = expanded[index] ?? []
      for (let at = index === 0 ? from.given : 0; at < events.length; at++) {
        if (updates.length === limit) return { updates, cursor, complete: false }
        const pos = at === events.length - 1 ? cursors.at(row.position) : cursors.at(row.before, at + 1)
        const event = events[at]
        if (event) updates.push({ pos, update: event.update(user) })
        cursor = pos
      }
    }
    return { updates, cursor, complete: page?.complete ?? true }
  }

  async #wait(woken: Promise<void>, left: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(left, resolve)
      const done = (): void => {
        timer.cancel()
        resolve()
      }
      void woken.then(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  /** Passing a cursor acknowledges what lies before it: at most one page back tells the receipts. */
  async #acknowledge({ user, device }: Identity, cursor: Cursor): Promise<void> {
    const { queue, expander } = this.#reader
    const known = (await this.#cursors.of(user)).find((own) => own.device === device)
    this.#cursors.move(user, device, cursor.after, undefined)
    if (known && queue.compare(known.position, cursor.after) >= 0) return
    const page = known && (await queue.read(user, known.position, 500))
    if (!page) return
    const rows = page.rows.filter((row) => queue.compare(row.position, cursor.after) <= 0)
    const newest = new Map<string, MessageRef>()
    for (const events of await expander.expand(user, rows)) {
      for (const event of events) {
        if (event?.message) newest.set(`${event.message.conversation} ${event.message.sender}`, event.message)
      }
    }
    for (const message of [...newest.values()].sort((a, b) => a.seq - b.seq)) this.#receipts.delivered(user, message)
  }
}

function answer({ updates, cursor, complete }: Found, resume: 'ok'): SyncAnswer {
  return { updates, cursor, live: complete, resume }
}

/** Stands in the hub while a poll waits: any hint ends the wait. */
class Waiter implements LocalSession {
  readonly user
  readonly device
  /** The device was logged out, or its account deleted. */
  turnedAway = false
  #wake: () => void = () => {}

  constructor({ user, device }: Identity) {
    this.user = user
    this.device = device
  }

  /** Resolves at the first hint from now on. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  offer(_position: string, _events: readonly Event[]): void {
    this.#wake()
  }

  sendTransient(): boolean {
    return false
  }

  wake(): void {
    this.#wake()
  }

  close(code: CloseCode): void {
    this.turnedAway = code === closeCode.loggedOut || code === closeCode.accountDeleted
    this.#wake()
  }
}
