import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { Lru } from '../lib/lru.ts'
import type { Random } from '../lib/random.ts'
import { collapseKeyOf } from './collapse-key.ts'
import { decide } from './decision.ts'
import type { Preview } from './preview.ts'
import { ProviderWay, type Sent } from './provider-way.ts'
import { countReason, type PushCounts } from './push-counts.ts'
import type { PushFacts, UserFactsOnce } from './push-facts.ts'
import type { Push, PushProvider } from './push-provider.ts'
import type { ClaimedJob, PushQueue, Settlement } from './push-queue.ts'
import type { StoredRegistration } from './registration-store.ts'
import type { Registrations } from './registrations.ts'
import { wordsFor } from './words.ts'

/** Milliseconds between two looks at the queue when nothing calls. */
const lookTime = 500
/** Milliseconds after which what a dead notifier had is due again. */
const leaseTime = 30_000
/** Jobs at hand at once: memory is bounded however many are due. */
const atHand = 2000
const claimSize = 500
const settleTime = 20
const settleSize = 500
/** Clients name the hosts of Web Push: of more than these the least used is forgotten, with its pause. */
const waysRemembered = 1000
/** A provider keeps it for a device that is away so long. */
const shownFor = 7 * 86_400_000
const firstRetry = 2000
const longestRetry = 3_600_000
/** Then it is given up: two days, nearly. */
const triesAllowed = 60

type Outcome = Settlement extends infer S ? (S extends Settlement ? Omit<S, keyof Key> : never) : never
type Key = Pick<ClaimedJob, 'user' | 'device' | 'conversation' | 'seq' | 'claim'>

/** Takes due jobs from the queue, decides, sends, and settles. Any number of notifiers share a queue. */
export class Notifier {
  readonly #queue
  readonly #registrations
  readonly #facts
  readonly #preview
  readonly #providers
  readonly #clock
  readonly #random
  readonly #logger
  readonly #counts
  readonly #passing
  readonly #ways = new Lru<string, ProviderWay>(waysRemembered)
  #settlements: Settlement[] = []
  #settling: Promise<void> = Promise.resolve()
  #settleTimer: Timer | undefined
  #timer: Timer | undefined
  #claiming: Promise<void> | undefined
  #again = false
  #stopped = true
  #held = 0
  #idle: (() => void)[] = []

  constructor(deps: {
    queue: PushQueue
    registrations: Registrations
    facts: PushFacts
    preview: Preview
    providers: readonly PushProvider[]
    clock: Clock
    random: Random
    logger: Logger
    counts: PushCounts
    /** Named points, for tests of promises. */
    passing?: (point: string) => void
  }) {
    this.#queue = deps.queue
    this.#registrations = deps.registrations
    this.#facts = deps.facts
    this.#preview = deps.preview
    this.#providers = deps.providers
    this.#clock = deps.clock
    this.#random = deps.random
    this.#logger = deps.logger
    this.#counts = deps.counts
    this.#passing = deps.passing ?? (() => {})
  }

  start(): void {
    this.#stopped = false
    this.#timer = this.#clock.every(lookTime, () => this.poke())
  }

  /** Settles what is at hand, and takes no more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#claiming
    if (this.#held > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    await this.#settle()
  }

  /** Something may be due. */
  poke(): void {
    if (this.#stopped || this.#registrations.none) return
    if (this.#claiming) {
      this.#again = true
      return
    }
    this.#claiming = this.#claimAll()
      .catch((error) => this.#logger.warn({ error }, 'due notifications cannot be read; trying again'))
      .finally(() => {
        this.#claiming = undefined
        if (this.#again) {
          this.#again = false
          this.poke()
        }
      })
  }

  async #claimAll(): Promise<void> {
    while (!this.#stopped && this.#held < atHand) {
      const limit = Math.min(claimSize, atHand - this.#held)
      const jobs = await this.#queue.claim(this.#clock.now(), limit, leaseTime)
      if (jobs.length === 0) return
      this.#passing('push.claimed')
      const registered = await this.#registrations.of([...new Set(jobs.map(({ user }) => user))])
      const users = this.#facts.users()
      this.#held += jobs.length
      for (const job of jobs) {
        const registration = registered.get(job.user)?.find(({ device }) => device === job.device)
        void this.#handle(job, registration, users).then((outcome) => this.#done(job, outcome))
      }
      if (jobs.length < limit) return
    }
    this.#again ||= this.#held >= atHand && !this.#stopped
  }

  /** Never rejects. */
  async #handle(
    job: ClaimedJob,
    registered: StoredRegistration | undefined,
    users: UserFactsOnce,
  ): Promise<Outcome | undefined> {
    try {
      if (!registered) {
        await this.#queue.forget(job.user, job.device)
        return undefined
      }
      const way = this.#wayOf(registered)
      if (!way) {
        countReason(this.#counts.spared, 'no-credentials')
        return { result: 'nothing' }
      }
      const facts = await this.#facts.of(job, users, this.#clock.now())
      const decision = decide(facts)
      if (decision.do === 'wait') return { result: 'later', at: decision.until, failed: false }
      if (decision.do === 'nothing') {
        countReason(this.#counts.spared, decision.because)
        return { result: 'nothing' }
      }
      const push = await this.#pushOf(job, decision.do, facts.locale, facts.user.preview === true)
      if (push.action === 'show' && push.count === 0) return { result: 'nothing' }
      const sent = await way.send(registered.registration, push)
      this.#passing('push.sent')
      return await this.#outcomeOf(job, registered, push, sent)
    } catch (error) {
      this.#logger.warn({ error }, 'a notification was not decided; trying again')
      return { result: 'later', at: this.#clock.now() + this.#retryIn(job.tries), failed: true }
    }
  }

  async #pushOf(
    job: ClaimedJob,
    action: Push['action'],
    locale: string | undefined,
    wantsPreview: boolean,
  ): Promise<Push> {
    const { user, device, conversation } = job
    const [count, badge] = await Promise.all([this.#facts.unread(user, conversation), this.#facts.badge(user)])
    const words = wordsFor(locale)
    const shown = action === 'show' && wantsPreview ? await this.#preview.of(job) : undefined
    const plain = { title: words.title, body: words.count(count) }
    const collapseKey = collapseKeyOf(device, conversation)
    const expiresAt = this.#clock.now() + shownFor
    return { action, conversation, collapseKey, count, badge, ...(shown ?? plain), expiresAt }
  }

  async #outcomeOf(
    job: ClaimedJob,
    registered: StoredRegistration,
    push: Push,
    sent: Sent,
  ): Promise<Outcome | undefined> {
    switch (sent.outcome) {
      case 'accepted':
        if (push.action === 'show') this.#counts.shown++
        else this.#counts.withdrawn++
        return { result: push.action === 'show' ? 'shown' : 'withdrawn' }
      case 'gone':
        this.#counts.gone++
        await this.#registrations.remove(job.user, job.device, registered.registration)
        return undefined
      case 'refused':
        countReason(this.#counts.failed, sent.reason)
        this.#logger.warn({ reason: sent.reason }, 'a provider refused a notification for good')
        return { result: 'nothing' }
      case 'later': {
        countReason(this.#counts.failed, sent.reason)
        if (job.tries >= triesAllowed) return { result: 'nothing' }
        const wait = Math.max(sent.after ?? 0, this.#retryIn(job.tries))
        return { result: 'later', at: this.#clock.now() + wait, failed: true }
      }
      case 'pause':
        return { result: 'later', at: this.#clock.now() + sent.for, failed: false }
      default:
        return sent satisfies never
    }
  }

  #wayOf({ registration }: StoredRegistration): ProviderWay | undefined {
    for (const provider of this.#providers) {
      const name = provider.way(registration)
      if (name === undefined) continue
      let way = this.#ways.get(name)
      if (!way) {
        way = new ProviderWay(provider, this.#clock, this.#random)
        this.#ways.set(name, way)
      }
      return way
    }
    return undefined
  }

  #retryIn(tries: number): number {
    return Math.min(longestRetry, firstRetry * 2 ** Math.min(20, tries)) * (0.5 + this.#random.float() / 2)
  }

  #done({ user, device, conversation, seq, claim }: ClaimedJob, outcome: Outcome | undefined): void {
    this.#held--
    if (outcome) this.#settlements.push({ user, device, conversation, seq, claim, ...outcome } as Settlement)
    if (this.#settlements.length >= settleSize || this.#held === 0) void this.#settle()
    else this.#settleTimer ??= this.#clock.after(settleTime, () => void this.#settle())
    if (this.#again && this.#held < atHand / 2) this.poke()
    if (this.#held === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #settle(): Promise<void> {
    this.#settleTimer?.cancel()
    this.#settleTimer = undefined
    const settlements = this.#settlements.splice(0)
    if (settlements.length === 0) return this.#settling
    this.#settling = this.#settling.then(async () => {
      try {
        await this.#queue.settle(settlements)
        this.#passing('push.settled')
      } catch (error) {
        // Their lease ends, and they are sent again under the same collapse key.
        this.#logger.warn({ error, count: settlements.length }, 'what was sent could not be settled')
      }
    })
    return this.#settling
  }
}
