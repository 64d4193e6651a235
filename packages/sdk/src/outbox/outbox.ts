import type { ConversationId } from '@parley/protocol'
import type { Clock, Random } from '../lib/environment.ts'
import { ClosedError, ParleyError } from '../lib/errors.ts'
import type { Observe } from '../observation.ts'
import type { OutboxItem } from '../store/records.ts'
import type { Replica } from '../store/replica.ts'
import { applyAnswer } from './apply-answer.ts'
import { Lane, type Waiting } from './lane.ts'
import type { Sender, SendResult } from './sender.ts'

interface Promised {
  resolve(result: SendResult): void
  reject(error: unknown): void
}

/** Waiting for its turn takes memory: beyond so many, nothing is taken (the caller is told `limit_reached`). */
const capacity = 10_000

type Distributive<T> = T extends unknown ? Omit<T, 'order' | 'createdAt'> : never
export type Draft = Distributive<OutboxItem>

/** What is to reach the server: stored first, sent in order per conversation, again until it is answered. */
export class Outbox {
  readonly #replica
  readonly #clock
  readonly #random
  readonly #onOrphan
  readonly #onError
  readonly #observe
  readonly #lanes = new Map<ConversationId, Lane>()
  readonly #promises = new Map<number, Promised>()
  #sender: Sender | undefined
  #underWay = 0
  #lastOrder = 0
  #closed = false

  constructor(deps: {
    replica: Replica
    clock: Clock
    random: Random
    /** The conversation of an answer, which stands for its entry `seq`, is not known here. */
    onOrphan: (conversation: ConversationId, seq: number) => void
    onError: (error: unknown) => void
    observe: Observe
  }) {
    this.#replica = deps.replica
    this.#clock = deps.clock
    this.#random = deps.random
    this.#onOrphan = deps.onOrphan
    this.#onError = deps.onError
    this.#observe = deps.observe
    this.restore()
  }

  /** Takes up what is stored, from an earlier run. */
  restore(): void {
    for (const item of this.#replica.outbox.values()) {
      this.#lastOrder = Math.max(this.#lastOrder, item.order)
      this.#lane(item.conversation).waiting.push({ item, state: 'idle', submitted: true })
    }
  }

  /** Resolves with the server's answer. When `stored` resolves it will be sent, whatever happens to this process. */
  async add(draft: Draft, signal?: AbortSignal): Promise<SendResult> {
    signal?.throwIfAborted()
    if (this.#closed) throw new ClosedError()
    const same = this.#waitingAs(draft)
    if (same) return this.#alsoFor(same)
    if (this.#replica.outbox.size >= capacity) {
      throw new ParleyError('limit_reached', `${capacity} messages wait to be sent already.`)
    }
    const item: OutboxItem = { ...draft, order: ++this.#lastOrder, createdAt: this.#clock.now() }
    await this.#replica.transact((tx) => {
      tx.putOutbox(item)
      tx.tell('outbox', { item })
    })
    const waiting: Waiting = { item, state: 'idle', submitted: false }
    const answered = new Promise<SendResult>((resolve, reject) => this.#promises.set(item.order, { resolve, reject }))
    this.#lane(item.conversation).waiting.push(waiting)
    const abort = (): void => {
      this.#abandon(waiting, signal?.reason).catch(this.#onError)
    }
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    this.flush()
    return answered.finally(() => signal?.removeEventListener('abort', abort))
  }

  /** What waits already by the name of `draft`, as after a restart between asking and being told. */
  #waitingAs({ conversation, clientMessageId }: Draft): OutboxItem | undefined {
    const lane = this.#lanes.get(conversation)
    return lane?.waiting.find(({ item }) => item.clientMessageId === clientMessageId)?.item
  }

  #alsoFor({ order }: OutboxItem): Promise<SendResult> {
    const promised = this.#promises.get(order)
    return new Promise((resolve, reject) => {
      this.#promises.set(order, {
        resolve: (result) => {
          promised?.resolve(result)
          resolve(result)
        },
        reject: (error) => {
          promised?.reject(error)
          reject(error)
        },
      })
    })
  }

  /** A way to the server is open: everything that is not answered goes (again). */
  attach(sender: Sender): void {
    this.detach()
    this.#sender = sender
    this.flush()
  }

  detach(): void {
    if (!this.#sender) return
    this.#sender = undefined
    this.#underWay = 0
    for (const lane of this.#lanes.values()) lane.interrupted()
  }

  flush(): void {
    const sender = this.#sender
    if (!sender) return
    for (const lane of this.#lanes.values()) {
      for (;;) {
        if (this.#underWay >= sender.window) return
        const next = lane.next(sender.pipelined)
        if (!next) break
        next.state = 'sent'
        next.submitted = true
        this.#underWay++
        void this.#submit(sender, lane, next)
      }
    }
  }

  /** Nothing is sent any more. What is stored stays stored. */
  close(): void {
    this.#closed = true
    this.detach()
    for (const lane of this.#lanes.values()) lane.stop()
    this.#lanes.clear()
    this.#rejectAll(new ClosedError('The client was closed; what was to be sent is stored.'))
  }

  /** What is stored was dropped: so is what waits. */
  clear(): void {
    for (const lane of this.#lanes.values()) lane.stop()
    this.#lanes.clear()
    this.#rejectAll(new ClosedError('This device was logged out.'))
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#promises.values()) reject(error)
    this.#promises.clear()
  }

  async #submit(sender: Sender, lane: Lane, waiting: Waiting): Promise<void> {
    this.#observeSent(sender, waiting.item)
    const outcome = await sender.submit(waiting.item).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    )
    // A late answer of a way that is gone: it is asked again on the next one, where a refusal would hold what follows.
    if (this.#sender !== sender) return
    this.#underWay--
    try {
      if ('result' in outcome) await this.#done(lane, waiting, outcome.result)
      else await this.#failed(lane, waiting, outcome.error)
    } catch (error) {
      // The store failed: the answer will be given again.
      waiting.state = 'idle'
      lane.refused(undefined)
      this.#onError(error)
    }
    this.flush()
  }

  /** The item leaves the outbox and its entry is there, in one step. */
  async #done(lane: Lane, waiting: Waiting, result: SendResult): Promise<void> {
    const { item } = waiting
    waiting.state = 'answered'
    this.#observeOk(item, result)
    const orphan = await this.#replica.transact(async (tx) => {
      if (!this.#replica.outbox.has(item.order)) return false
      tx.settleOutbox(item.order)
      tx.tell('outbox', { item, ...(result.seq !== undefined && { seq: result.seq }) })
      return tx.session !== undefined && (await applyAnswer(tx, item, result, tx.session)) === 'unknown'
    })
    this.#settle(lane, waiting, (promised) => promised.resolve(result))
    if (orphan) this.#onOrphan(item.conversation, result.seq ?? 0)
  }

  async #failed(lane: Lane, waiting: Waiting, error: unknown): Promise<void> {
    const { item } = waiting
    if (item.kind === 'send' && error instanceof ParleyError) {
      const { conversation, clientMessageId } = item
      this.#observe({ type: 'refused', conversation, clientMessageId, code: error.code })
    }
    if (!(error instanceof ParleyError) || error.retryable || error.code === 'unauthenticated') {
      waiting.state = 'idle'
      lane.refused(error instanceof ParleyError ? error.retryAfter : undefined)
      return
    }
    waiting.state = 'answered'
    await this.#replica.transact((tx) => {
      tx.settleOutbox(item.order)
      tx.tell('outbox', { item, error })
    })
    this.#settle(lane, waiting, (promised) => promised.reject(error))
  }

  /** Not sent yet: it never will be. Else only the waiting for it ends. */
  async #abandon(waiting: Waiting, reason: unknown): Promise<void> {
    const { item } = waiting
    const promised = this.#promises.get(item.order)
    this.#promises.delete(item.order)
    promised?.reject(reason)
    if (!waiting.submitted) {
      waiting.submitted = true
      this.#lanes.get(item.conversation)?.settled(waiting)
      await this.#replica.transact((tx) => {
        tx.settleOutbox(item.order)
        tx.tell('outbox', { item, error: new ClosedError('Taken back before it was sent.') })
      })
    }
  }

  #observeSent(sender: Sender, item: OutboxItem): void {
    if (item.kind !== 'send') return
    const { kind: _, order: __, createdAt: ___, ...sent } = item
    this.#observe({ type: 'sent', via: sender.pipelined ? 'socket' : 'poll', ...sent })
  }

  #observeOk({ kind, conversation, clientMessageId }: OutboxItem, { seq, id, duplicate }: SendResult): void {
    if (kind !== 'send' || seq === undefined || id === undefined) return
    this.#observe({ type: 'ok', conversation, clientMessageId, seq, id, ...(duplicate && { duplicate }) })
  }

  #settle(lane: Lane, waiting: Waiting, tell: (promised: Promised) => void): void {
    const { order, conversation } = waiting.item
    lane.settled(waiting)
    if (lane.waiting.length === 0) {
      lane.stop()
      this.#lanes.delete(conversation)
    }
    const promised = this.#promises.get(order)
    this.#promises.delete(order)
    if (promised) tell(promised)
  }

  #lane(conversation: ConversationId): Lane {
    let lane = this.#lanes.get(conversation)
    if (!lane) {
      lane = new Lane(this.#clock, this.#random, () => this.flush())
      this.#lanes.set(conversation, lane)
    }
    return lane
  }
}
