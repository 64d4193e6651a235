import type { ConversationId } from '@parley/protocol'
import { AppError, notFound, toAppError, unavailable } from '../lib/errors.ts'
import type { Place } from '../sync/place.ts'
import { BatchBuilder } from './batch.ts'
import type { AppendBatch, ConversationLog, NewEntry, StoredSend } from './conversation-log.ts'
import { ConversationState } from './conversation-state.ts'
import type { ConversationStates } from './conversation-states.ts'
import type { Entry } from './entry.ts'
import { changesRecord } from './fold.ts'
import { type Appended, nothingToDo, type Operation } from './operation.ts'

/** Entries of one conversation that are durable, with their places, ready to be delivered. */
export interface Delivery {
  batch: AppendBatch
  places: readonly Place[]
}

export interface LaneDependencies {
  log: Pick<ConversationLog, 'append' | 'moment' | 'complete' | 'findSend'>
  states: ConversationStates
  nextId(after: string): { id: string; at: number }
  /** A promise when ids cannot be made yet (time has to be reserved first). */
  ensureIds(after: string): Promise<void> | undefined
  /** Called once per batch, in the order of appending. */
  deliver(delivery: Delivery): void
  /** Told when an append was refused because others appended first. */
  moved?: ((conversation: ConversationId) => void) | undefined
}

interface Chosen {
  operation: Operation
  entry: NewEntry
}

const batchOperations = 64
const batchBytes = 256 * 1024
/** Waiting operations of one conversation beyond which new ones are refused. */
const laneCapacity = 4096
/** How often a batch is decided again because others appended first, before the sender is told to come back. */
const attempts = 16

/** One lane: the operations of one conversation, appended in order, those that wait together in one batch. */
class Lane {
  readonly #conversation
  readonly #deps
  #waiting: Operation[] = []
  #running = false

  constructor(conversation: ConversationId, deps: LaneDependencies) {
    this.#conversation = conversation
    this.#deps = deps
  }

  submit(operation: Operation, onIdle: () => void): void {
    if (this.#waiting.length >= laneCapacity) {
      operation.settle(unavailable('Too many messages wait in this conversation.'))
      return
    }
    this.#waiting.push(operation)
    if (this.#running) return
    this.#running = true
    void this.#run(onIdle)
  }

  async #run(onIdle: () => void): Promise<void> {
    let tries = 0
    while (this.#waiting.length > 0) {
      try {
        tries = (await this.#step()) ? 0 : tries + 1
        if (tries >= attempts) throw unavailable('The conversation is too busy.')
      } catch (error) {
        this.#deps.states.forget(this.#conversation)
        tries = 0
        // Order per device (rule D3): nothing that waits behind a failed operation may overtake it.
        const failure = toAppError(error)
        for (const operation of this.#waiting.splice(0)) operation.settle(failure)
      }
    }
    this.#running = false
    onIdle()
  }

  /** Appends one batch. @returns false when the log had moved, so that everything is to be decided again. */
  async #step(): Promise<boolean> {
    const moment = this.#deps.log.moment?.()
    if (moment) await moment
    const found = this.#deps.states.get(this.#conversation)
    const state = found instanceof ConversationState ? found : await found
    if (!state) {
      for (const operation of this.#waiting.splice(0)) operation.settle(notFound('conversation'))
      return true
    }
    const reserving = this.#deps.ensureIds(state.id)
    if (reserving) await reserving
    const builder = new BatchBuilder(state)
    const chosen: Chosen[] = []
    let taken = this.#choose(state, builder, chosen)
    if (typeof taken !== 'number') taken = await taken
    if (chosen.length === 0) return true
    const batch = builder.build()
    const outcome = await this.#deps.log.append(batch)
    switch (outcome.status) {
      case 'appended':
        // A reader may have taken them in already, and more.
        for (const entry of batch.entries) if (entry.seq === state.seq + 1) state.apply(entry)
        this.#waiting.splice(0, chosen.length)
        this.#settle(chosen)
        this.#deps.deliver({ batch, places: outcome.places })
        return true
      case 'duplicate':
        await this.#deps.log.complete(this.#conversation)
        // It may have been stored behind our back, by an append whose outcome was not known.
        await this.#deps.states.refresh(state)
        this.#answerDuplicates(chosen, outcome.sends)
        return true
      case 'moved':
        this.#deps.moved?.(this.#conversation)
        await this.#deps.states.refresh(state)
        return false
    }
  }

  /**
   * Decides operations from the front of the line. Those refused or already so are settled and leave the line;
   * what is chosen stays in front until it is stored.
   */
  #choose(state: ConversationState, builder: BatchBuilder, chosen: Chosen[]): number | Promise<number> {
    let bytes = 0
    const keys = new Set<string>()
    while (chosen.length < this.#waiting.length && chosen.length < batchOperations && bytes < batchBytes) {
      const operation = this.#waiting[chosen.length] as Operation
      const key = operation.clientMessageId && `${operation.sender} ${operation.clientMessageId}`
      // A second try of something in this very batch: it is a duplicate once the batch is stored.
      if (key && keys.has(key)) break
      let draft: ReturnType<Operation['decide']>
      try {
        draft = operation.decide(state)
      } catch (error) {
        return this.#refuse(state, operation, error, chosen)
      }
      if (draft instanceof Promise) {
        // It may look at anything, so it must see what stands before it: it waits until it is the first.
        if (chosen.length > 0) {
          draft.catch(() => {})
          break
        }
        return this.#chooseSlow(state, operation, draft, builder, chosen)
      }
      if (draft === nothingToDo) {
        if (chosen.length > 0) break
        this.#waiting.shift()
        operation.settle(undefined)
        continue
      }
      chosen.push({ operation, entry: builder.add(operation, draft, this.#deps.nextId) })
      if (key) keys.add(key)
      bytes += operation.size
      if (changesRecord(state.record, draft)) break
    }
    return chosen.length
  }

  async #chooseSlow(
    state: ConversationState,
    operation: Operation,
    deciding: ReturnType<Operation['decide']>,
    builder: BatchBuilder,
    chosen: Chosen[],
  ): Promise<number> {
    try {
      const draft = await deciding
      if (draft === nothingToDo) {
        this.#waiting.shift()
        operation.settle(undefined)
        return 0
      }
      chosen.push({ operation, entry: builder.add(operation, draft, this.#deps.nextId) })
      return 1
    } catch (error) {
      return this.#refuseSlow(state, operation, error, chosen)
    }
  }

  /** A decision that could not be made is no refusal: it fails, and with it everything behind it (rule D3). */
  #refuseSlow(state: ConversationState, operation: Operation, error: unknown, chosen: Chosen[]): Promise<number> {
    const { code } = toAppError(error)
    if (code === 'unavailable' || code === 'internal') throw error
    return Promise.resolve(this.#refuse(state, operation, error, chosen))
  }

  /** A refusal stands only for something new: what was stored before is answered as it was (rule D2). */
  #refuse(state: ConversationState, operation: Operation, error: unknown, chosen: Chosen[]): number | Promise<number> {
    // What stands before it goes first.
    if (chosen.length > 0) return chosen.length
    return this.#refuseUnlessStored(state, operation, error)
  }

  async #refuseUnlessStored(state: ConversationState, operation: Operation, error: unknown): Promise<number> {
    const decidedOn = state.seq
    await this.#deps.states.refresh(state)
    // Others appended: the refusal may be of the past.
    if (state.seq !== decidedOn) return 0
    const stored = await this.#findStored(operation)
    this.#waiting.shift()
    operation.settle(stored ? answerOf(this.#conversation, operation, stored) : toAppError(error))
    return 0
  }

  async #findStored(operation: Operation): Promise<StoredSend | undefined> {
    const { sender, clientMessageId } = operation
    if (clientMessageId === undefined) return undefined
    const stored = await this.#deps.log.findSend(this.#conversation, sender, clientMessageId)
    if (stored) await this.#deps.log.complete(this.#conversation)
    return stored
  }

  #settle(chosen: readonly Chosen[]): void {
    const conversation = this.#conversation
    for (const { operation, entry } of chosen) {
      operation.settle({ conversation, seq: entry.seq, id: entry.id, at: entry.at, duplicate: false })
    }
  }

  /** Only a duplicate in front is answered, the others when their turn comes: answers keep the order. */
  #answerDuplicates(chosen: readonly Chosen[], sends: ReadonlyMap<number, StoredSend>): void {
    const duplicates = new Set<Operation>()
    for (const [index, stored] of sends) {
      const { operation } = chosen[index] as Chosen
      duplicates.add(operation)
      operation.settle(answerOf(this.#conversation, operation, stored))
    }
    this.#waiting = this.#waiting.filter((operation) => !duplicates.has(operation))
  }
}

function answerOf(conversation: ConversationId, operation: Operation, stored: StoredSend): Appended | AppError {
  if (stored.fingerprint !== operation.fingerprint) {
    return new AppError('conflict', 'This clientMessageId was used for something else.')
  }
  return { conversation, seq: stored.seq, id: stored.id, at: stored.at, duplicate: true }
}

/** A lane per conversation in use. */
export class Lanes {
  #deps
  #lanes = new Map<ConversationId, Lane>()

  constructor(deps: LaneDependencies) {
    this.#deps = deps
  }

  /** Entries that another node appended: the next operation need not lose to them first. */
  follow(entries: readonly Entry[]): void {
    const [first] = entries
    // Nothing may change under a lane that is deciding.
    if (first && !this.#lanes.has(first.conversation)) this.#deps.states.follow(entries)
  }

  /** Puts an operation in its conversation's line. Order of calls is order in the log. */
  submit(conversation: ConversationId, operation: Operation): void {
    let lane = this.#lanes.get(conversation)
    if (!lane) {
      lane = new Lane(conversation, this.#deps)
      this.#lanes.set(conversation, lane)
    }
    lane.submit(operation, () => this.#lanes.delete(conversation))
  }
}
