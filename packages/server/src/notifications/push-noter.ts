import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Delivery } from '../log/lanes.ts'
import { type Candidate, candidatesOf } from './candidates.ts'
import type { PushJob, PushQueue } from './push-queue.ts'
import type { Registrations } from './registrations.ts'

/** Milliseconds that deliveries are gathered for. */
const gatherTime = 50
const retryTime = 1000
/** What waits for a store that is away; beyond it the store is looked through later. */
const waitingAllowed = 100_000

/** Where devices are connected, as far as this node knows. `'elsewhere'`: some device of the user, at another node. */
export type Connected = (users: readonly UserId[]) => Promise<ReadonlyMap<UserId, ReadonlySet<DeviceId> | 'elsewhere'>>

/**
 * Notes durably who may have to be told of what was appended, and of what was read. It is behind the append: what a node
 * takes with it when it dies is found again by time (`PushGaps`), so nothing here is in a message's way.
 */
export class PushNoter {
  readonly #queue
  readonly #registrations
  readonly #connected
  readonly #clock
  readonly #logger
  readonly #grace
  readonly #noted
  #deliveries: Delivery[] = []
  #reads = new Map<string, { user: UserId; conversation: ConversationId; seq: number }>()
  #timer: Timer | undefined
  #flushing: Promise<void> = Promise.resolve()
  /** Time of the oldest message that is not stored yet; undefined: all are. */
  #oldest: number | undefined
  #lost = false

  constructor(deps: {
    queue: PushQueue
    registrations: Registrations
    connected: Connected
    clock: Clock
    logger: Logger
    /** Milliseconds in which a device that is connected may acknowledge. */
    grace: number
    /** Something is due now. */
    noted: () => void
  }) {
    this.#queue = deps.queue
    this.#registrations = deps.registrations
    this.#connected = deps.connected
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#grace = deps.grace
    this.#noted = deps.noted
  }

  /** Every message older than this is stored, as far as this node appended it. */
  get position(): number {
    return this.#oldest ?? this.#clock.now()
  }

  /** True once after deliveries were dropped because the store was away: they have to be looked for. */
  takeLost(): boolean {
    const lost = this.#lost
    this.#lost = false
    return lost
  }

  note(delivery: Delivery): void {
    if (this.#registrations.none) return
    if (this.#deliveries.length >= waitingAllowed) {
      this.#lost = true
      return
    }
    this.#oldest ??= delivery.batch.entries[0]?.at
    this.#deliveries.push(delivery)
    this.#schedule(gatherTime)
  }

  noteRead(user: UserId, conversation: ConversationId, seq: number): void {
    if (this.#registrations.none) return
    this.#reads.set(`${user} ${conversation}`, { user, conversation, seq })
    this.#schedule(gatherTime)
  }

  /** Stores what was found by looking: it is not known whether it was stored before. */
  async store(candidates: readonly Candidate[]): Promise<void> {
    const jobs = await this.#jobsOf(candidates)
    if (jobs.length === 0) return
    await this.#queue.add(jobs)
    this.#noted()
  }

  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    await this.#run()
  }

  #schedule(delay: number): void {
    this.#timer ??= this.#clock.after(delay, () => {
      this.#timer = undefined
      void this.#run()
    })
  }

  #run(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#storeAll())
    return this.#flushing
  }

  async #storeAll(): Promise<void> {
    const deliveries = this.#deliveries
    const reads = [...this.#reads.values()]
    if (deliveries.length === 0 && reads.length === 0) return
    this.#deliveries = []
    this.#reads = new Map()
    try {
      await this.store(newestOf(deliveries))
      if (reads.length > 0) {
        await this.#queue.read(reads, this.#clock.now())
        this.#noted()
      }
      this.#oldest = this.#deliveries[0]?.batch.entries[0]?.at
    } catch (error) {
      this.#logger.warn({ error }, 'notifications are not being noted; trying again')
      this.#deliveries = [...deliveries, ...this.#deliveries]
      for (const mark of reads) {
        const key = `${mark.user} ${mark.conversation}`
        if (!this.#reads.has(key)) this.#reads.set(key, mark)
      }
      this.#schedule(retryTime)
    }
  }

  async #jobsOf(candidates: readonly Candidate[]): Promise<PushJob[]> {
    if (candidates.length === 0) return []
    const registered = await this.#registrations.of([...new Set(candidates.map(({ user }) => user))])
    if (registered.size === 0) return []
    const connected = await this.#connected([...registered.keys()])
    const now = this.#clock.now()
    return candidates.flatMap((candidate) =>
      (registered.get(candidate.user) ?? []).map(({ device }) => {
        const where = connected.get(candidate.user)
        const mayAcknowledge = where === 'elsewhere' || where?.has(device) === true
        return { ...candidate, device, dueAt: mayAcknowledge ? now + this.#grace : now }
      }),
    )
  }
}

/** Of each user and conversation the newest, with a mention of any. */
function newestOf(deliveries: readonly Delivery[]): Candidate[] {
  const newest = new Map<string, Candidate>()
  for (const delivery of deliveries) {
    for (const candidate of candidatesOf(delivery)) {
      const key = `${candidate.user} ${candidate.conversation}`
      const known = newest.get(key)
      if (!known) newest.set(key, candidate)
      else {
        const mentioned = known.mentioned || candidate.mentioned
        newest.set(key, { ...(candidate.seq > known.seq ? candidate : known), mentioned })
      }
    }
  }
  return [...newest.values()]
}
