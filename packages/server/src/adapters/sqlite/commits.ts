import type { Clock } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import type { Rest } from '../../lib/rest.ts'
import { decodeAnswers, encodeCommit, type FlatAnswers, type FlatCommit } from './commit-wire.ts'
import type { Job, JobAnswer, WriterTrouble } from './jobs.ts'
import type { Recent } from './recent.ts'

interface Waiting {
  job: Job
  resolve(answer: JobAnswer): void
  reject(error: Error): void
}

/** A turn that did more has enough to do, and does not rest. */
const busyTurn = 32

export const unavailableStore = (reason?: string): AppError =>
  new AppError('unavailable', 'The store does not take writes at the moment.', { retryAfter: 1000, cause: reason })

/** Somebody else takes it: soon, or already. */
const heldBack = (): AppError =>
  new AppError('unavailable', 'This store takes no writes any more.', { retryAfter: 100 })

/**
 * Hands jobs to the store thread in groups, each of them one commit: what comes while one is under way is the next one.
 * Commits begin `gather` ms apart at least. So the first after a pause waits for nobody, and many a second share a flush.
 */
export class Commits {
  readonly #post
  readonly #clock
  readonly #gather
  readonly #recent
  readonly #rest
  #waiting: Waiting[] = []
  #inFlight: Waiting[] | undefined
  /** Whoever hands in jobs only when the next commit begins waits here. */
  #gate: PromiseWithResolvers<void> | undefined
  #state: 'idle' | 'scheduled' | 'beginning' = 'idle'
  #begunAt = Number.NEGATIVE_INFINITY
  /** What the turn of the event loop before did with sockets. */
  #done = 0
  /** Why nothing can be written any more. */
  #ended: Error | undefined
  /** Told when nothing waits and nothing is under way. */
  #idle: (() => void)[] = []
  /** Jobs that came while nothing may be written. */
  #held: Waiting[] | undefined

  constructor(deps: { post: (commit: FlatCommit) => void; clock: Clock; gather: number; recent: Recent; rest: Rest }) {
    this.#post = deps.post
    this.#clock = deps.clock
    this.#gather = deps.gather
    this.#recent = deps.recent
    this.#rest = deps.rest
  }

  /** Durable when it resolves. */
  add(job: Job): Promise<JobAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      if (this.#held) {
        this.#held.push({ job, resolve, reject })
        return
      }
      this.#waiting.push({ job, resolve, reject })
      this.#schedule()
    })
  }

  /**
   * Resolves when the next commit is about to begin: a job that is added then, and not later, is part of it, so until
   * then it may become more. undefined: there is nothing to wait for.
   */
  moment(): Promise<void> | undefined {
    if (this.#ended || this.#held) return undefined
    this.#gate ??= Promise.withResolvers<void>()
    this.#schedule()
    return this.#gate.promise
  }

  committed(flat: FlatAnswers): void {
    const done = this.#take()
    const jobs = done.map((waiting) => waiting.job)
    const { answers, moved } = decodeAnswers(flat, jobs)
    this.#recent.committed(jobs, answers, moved)
    for (let index = 0; index < done.length; index++) (done[index] as Waiting).resolve(answers[index] as JobAnswer)
    this.#goOn()
  }

  refused({ message }: WriterTrouble): void {
    for (const waiting of this.#take()) waiting.reject(unavailableStore(message))
    this.#goOn()
  }

  /**
   * The end of a turn that did so much with sockets. Nothing that was sent can be answered before the next commit, so
   * until that is done, or may begin, the thread sleeps: what comes meanwhile is taken in together.
   */
  rest(done: number): void {
    this.#done = done
    this.#restNow()
  }

  /** Resolves when all jobs before are stored; those that come from now on wait for `thaw`. */
  async freeze(): Promise<void> {
    this.#held ??= []
    await this.settled()
  }

  /** What waited is written now. */
  thaw(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#waiting.push(...held)
    this.#schedule()
  }

  /** Nothing is written any more: what was held back is refused, and so is what comes. */
  abandon(): void {
    this.#ended = heldBack()
    this.#open()
    for (const waiting of this.#held?.splice(0) ?? []) waiting.reject(this.#ended)
  }

  /** It is not known what of it is stored. */
  break(reason: string): void {
    this.#ended = unavailableStore(reason)
    const all = [...(this.#inFlight ?? []), ...this.#waiting.splice(0), ...(this.#held?.splice(0) ?? [])]
    this.#inFlight = undefined
    for (const waiting of all) waiting.reject(this.#ended)
    this.#open()
    this.#tellIdle()
  }

  /** Resolves when nothing waits and nothing is under way. */
  async settled(): Promise<void> {
    if (this.#waiting.length === 0 && !this.#inFlight) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #isWanted(): boolean {
    return this.#waiting.length > 0 || this.#gate !== undefined
  }

  #schedule(): void {
    if (this.#inFlight || this.#state !== 'idle' || !this.#isWanted()) return
    this.#state = 'scheduled'
    const wait = this.#left()
    // What comes while the timer runs belongs to this commit, what lies in the sockets then too.
    if (wait > 0) this.#clock.after(wait, () => this.#clock.soon(() => this.#beginScheduled()))
    else this.#clock.soon(() => this.#beginScheduled())
  }

  #beginScheduled(): void {
    // The end of a turn may have been faster.
    if (this.#state !== 'scheduled') return
    this.#state = 'idle'
    if (this.#left() > 0) this.#schedule()
    else this.#begin()
  }

  /** Lets everybody hand in what they have; it is taken when they did. */
  #begin(): void {
    if (this.#inFlight || this.#state === 'beginning' || !this.#isWanted()) return
    this.#state = 'beginning'
    this.#open()
    this.#clock.soon(() => this.#submit())
  }

  #open(): void {
    this.#gate?.resolve()
    this.#gate = undefined
  }

  #submit(): void {
    this.#state = 'idle'
    if (this.#waiting.length === 0) return this.#goOn()
    this.#begunAt = this.#clock.monotonic()
    this.#inFlight = this.#waiting
    this.#waiting = []
    const jobs = this.#inFlight.map((waiting) => waiting.job)
    this.#rest.prepare()
    this.#post(encodeCommit(this.#clock.now(), jobs))
    this.#clock.soon(() => {
      // What was answered meanwhile leaves first, at the end of its turn.
      if (this.#inFlight) this.#restNow()
    })
  }

  #restNow(): void {
    if (this.#done > busyTurn || this.#ended || this.#state === 'beginning') return
    const left = this.#left()
    if (left > 0) this.#rest.sleep(left)
    // Now, together with what the sockets hold, and not when a timer of whole ms says so.
    if (this.#left() <= 0) this.#clock.soon(() => this.#begin())
  }

  /** Milliseconds until the next commit may begin. */
  #left(): number {
    return this.#begunAt + this.#gather - this.#clock.monotonic()
  }

  /** What was under way, which is answered. */
  #take(): Waiting[] {
    const done = this.#inFlight ?? []
    this.#inFlight = undefined
    this.#rest.prepare()
    return done
  }

  #goOn(): void {
    if (this.#waiting.length === 0) this.#tellIdle()
    this.#schedule()
  }

  #tellIdle(): void {
    for (const tell of this.#idle.splice(0)) tell()
  }
}
