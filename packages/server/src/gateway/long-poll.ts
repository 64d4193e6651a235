import { type CloseCode, closeCode, type SyncAnswer } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { Event, MessageRef } from '../delivery/event.ts'
import type { Hub, LocalSession } from '../delivery/hub.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import type { Receipts } from '../messages/receipts.ts'
import type { Cursor } from '../sync/cursor.ts'
import type { DeviceCursors } from '../sync/device-cursors.ts'
import { openProgress } from '../sync/open-progress.ts'
import { type PollPage, readPollPage } from '../sync/poll-page.ts'
import type { Progress } from '../sync/progress.ts'
import type { ReaderDependencies } from '../sync/queue-reader.ts'
import { resumeAt } from './greeter.ts'

export interface PollRequest {
  cursor?: string | undefined
  /** Seconds. */
  wait: number
  limit: number
}

/** The queue over plain HTTP (rule L1): nothing is held between requests. */
export class LongPoll {
  readonly #reader
  readonly #hub
  readonly #clock
  readonly #cursors
  readonly #receipts
  readonly #waiters = new Set<Waiter>()

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
    if (resume === 'reset') return { updates: [], cursor: cursors.format(cursor), live: true, resume }
    const progress = openProgress(queue, cursors, cursor, 'poll')
    if (given === undefined) this.#cursors.move(user, identity.device, cursor.low, undefined)
    else await this.#acknowledge(identity, cursor, progress)
    const waiter = new Waiter(identity)
    this.#hub.add(waiter)
    this.#waiters.add(waiter)
    try {
      const deadline = this.#clock.monotonic() + wait * 1000
      for (;;) {
        const woken = waiter.next()
        for (const position of waiter.takeTold()) progress.expect(position)
        const found = await readPollPage(this.#reader, user, progress, limit)
        if (waiter.turnedAway) throw new AppError('unauthenticated', 'This device was logged out.')
        if (found.events.length > 0) return answer(user, found)
        const left = deadline - this.#clock.monotonic()
        if (left <= 0 || signal.aborted || waiter.over) return answer(user, found)
        await this.#wait(woken, Math.min(left, healTime), signal)
      }
    } finally {
      this.#waiters.delete(waiter)
      this.#hub.remove(waiter)
    }
  }

  /** Everybody who waits is sent to ask again. */
  sendBack(): void {
    for (const waiter of this.#waiters) waiter.close(closeCode.moved)
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

  /** Passing a cursor acknowledges what it says was given: at most one page back tells the receipts. */
  async #acknowledge({ user, device }: Identity, cursor: Cursor, progress: Progress): Promise<void> {
    const { queue, expander } = this.#reader
    const known = (await this.#cursors.of(user)).find((own) => own.device === device)
    this.#cursors.move(user, device, cursor.low, undefined)
    if (known && queue.compare(known.position, cursor.after) >= 0) return
    const page = known && (await queue.read(user, known.position, 500))
    if (!page) return
    const rows = page.rows.filter((row) => progress.covers(row))
    const newest = new Map<string, MessageRef>()
    for (const events of await expander.expand(user, rows)) {
      for (const event of events) {
        if (event?.message) newest.set(`${event.message.conversation} ${event.message.sender}`, event.message)
      }
    }
    for (const message of [...newest.values()].sort((a, b) => a.seq - b.seq)) this.#receipts.delivered(user, message)
  }
}

function answer(user: string, { events, cursor, complete }: PollPage): SyncAnswer {
  const updates = events.map(({ pos, event }) => ({ pos, update: event.update(user) }))
  return { updates, cursor, live: complete, resume: 'ok' }
}

const toldRemembered = 64
/** Milliseconds after which a poll that waits reads again, whatever was lost on the way (rule Y5). */
const healTime = 30_000

/** Stands in the hub while a poll waits: any hint ends the wait. */
class Waiter implements LocalSession {
  readonly user
  readonly device
  /** Any socket of the device takes over: the poll is answered then. */
  readonly openedAt = 0
  /** Something ended the wait; the device may ask again, here or elsewhere. */
  over = false
  /** The device was logged out, or its account deleted. */
  turnedAway = false
  #wake: () => void = () => {}
  #told: string[] = []

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

  /** Where hints since the last call said that rows landed. */
  takeTold(): readonly string[] {
    return this.#told.splice(0)
  }

  offer(position: string, _events: readonly Event[]): void {
    if (this.#told.length < toldRemembered) this.#told.push(position)
    this.#wake()
  }

  sendTransient(): boolean {
    return false
  }

  wake(): void {
    this.#wake()
  }

  close(code: CloseCode): void {
    this.over = true
    this.turnedAway = code === closeCode.loggedOut || code === closeCode.accountDeleted
    this.#wake()
  }
}
