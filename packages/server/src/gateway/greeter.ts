import type { HelloFrame, Limits, WelcomeFrame } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import type { Cursor, CursorFormat } from '../sync/cursor.ts'
import { QueueReader, type ReaderDependencies } from '../sync/queue-reader.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import type { Session } from './session.ts'
import type { Opening } from './session-owner.ts'

/** Who may come in. */
export interface Admission {
  authenticate(token: string): Identity | undefined | Promise<Identity | undefined>
  redeem(ticket: string): Identity | undefined | Promise<Identity | undefined>
}

/** Where a device goes on: behind its cursor, or at the head when it has none that can be trusted (rules Y1, Y4). */
export async function resumeAt(
  queue: SyncQueue,
  format: CursorFormat,
  user: string,
  given: string | null | undefined,
): Promise<{ cursor: Cursor; resume: 'ok' | 'reset' }> {
  const head = await queue.head(user)
  const atHead = { after: head, given: 0, low: head, above: '', mark: undefined }
  if (given === undefined || given === null) return { cursor: atHead, resume: 'ok' }
  const cursor = format.parse(given)
  if (!cursor || queue.compare(cursor.low, queue.late?.latest() ?? head) > 0) return { cursor: atHead, resume: 'reset' }
  const kept = await queue.read(user, cursor.low, 1)
  return kept ? { cursor, resume: 'ok' } : { cursor: atHead, resume: 'reset' }
}

/** Answers `hello`: who is it, and where does their queue go on. */
export class Greeter {
  readonly #admission
  readonly #reader
  readonly #clock
  readonly #heartbeat
  readonly #limits

  constructor(deps: {
    admission: Admission
    reader: ReaderDependencies
    clock: Clock
    heartbeat: number
    limits: Limits
  }) {
    this.#admission = deps.admission
    this.#reader = deps.reader
    this.#clock = deps.clock
    this.#heartbeat = deps.heartbeat
    this.#limits = deps.limits
  }

  async open(session: Session, { token, ticket, cursor: given, window }: HelloFrame): Promise<Opening> {
    const identity = await this.#identify(token, ticket)
    if (!identity) throw new AppError('unauthenticated', 'This token or ticket is not valid.')
    const { user, device } = identity
    const { queue, cursors } = this.#reader
    const { cursor, resume } = await resumeAt(queue, cursors, user, given)
    const welcome: WelcomeFrame = {
      t: 'welcome',
      session: session.id,
      user,
      device,
      cursor: cursors.format(cursor),
      resume,
      heartbeat: this.#heartbeat,
      window,
      limits: this.#limits,
      time: this.#clock.now(),
    }
    return { identity, window, cursor, welcome, reader: (sink) => new QueueReader(this.#reader, user, cursor, sink) }
  }

  #identify(token: string | undefined, ticket: string | undefined): ReturnType<Admission['authenticate']> {
    if (token !== undefined) return this.#admission.authenticate(token)
    if (ticket !== undefined) return this.#admission.redeem(ticket)
    return undefined
  }
}
