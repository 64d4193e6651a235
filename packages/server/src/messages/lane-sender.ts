import { type ConversationId, isRetryable } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import { lost, type NodeCalls } from '../delivery/node-calls.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, unavailable } from '../lib/errors.ts'
import { Lru } from '../lib/lru.ts'
import type { Appended } from '../log/operation.ts'
import { decodeOutcome, encodeSend, type RawOutcome } from './lane-wire.ts'
import type { Sender, SendRequest } from './sender.ts'

interface Sent {
  identity: Identity
  request: SendRequest
  settle: (outcome: Appended | AppError) => void
}

/** The sends of one conversation that are not settled. */
interface Stream {
  /** The node they were given to; undefined: this one. */
  at: string | undefined
  /** Changes whenever they are given again: what comes of an earlier giving is not listened to. */
  giving: number
  /** Changes with every refusal that was heard of: the other node fences off what was given before that. */
  epoch: number
  /** Sends are being given at this moment; others must not come in between. */
  busy: boolean
  /** In order. */
  outstanding: Sent[]
  /** Not given yet: those before them are somewhere else still. */
  waiting: Sent[]
}

export const sendMethod = 'send'

const streamCapacity = 4096
/** Milliseconds for which a node that did not answer is given nothing of that conversation. */
const avoidance = 10_000
const avoidedRemembered = 10_000

/**
 * Sends go to the node where their conversation's lane is, so that they are appended together and no node loses to
 * another. For speed only: where that node cannot be reached they are appended here, in order, under the same
 * clientMessageId; the condition of the log and its memory of sends keep both right (rules D2, D3).
 */
export class LaneSender implements Sender {
  readonly #local
  readonly #calls
  readonly #laneOf
  readonly #clock
  #streams = new Map<ConversationId, Stream>()
  /** Which node did not answer, and until when (by `clock.monotonic()`) it is not asked. */
  #avoided = new Lru<ConversationId, { node: string; until: number }>(avoidedRemembered)
  /** For `giving` and `epoch`: no number is used twice. */
  #count = 0

  /** `laneOf`: the other node that a conversation's sends go to; undefined: none. */
  constructor(deps: {
    local: Sender
    calls: NodeCalls
    laneOf: (conversation: ConversationId) => string | undefined
    clock: Clock
  }) {
    this.#local = deps.local
    this.#calls = deps.calls
    this.#laneOf = deps.laneOf
    this.#clock = deps.clock
  }

  send(identity: Identity, request: SendRequest, settle: Sent['settle']): void {
    const { conversation } = request
    let stream = this.#streams.get(conversation)
    if (!stream) {
      const number = ++this.#count
      stream = { at: undefined, giving: number, epoch: number, busy: false, outstanding: [], waiting: [] }
      this.#streams.set(conversation, stream)
    }
    const { outstanding, waiting } = stream
    if (outstanding.length + waiting.length >= streamCapacity) {
      return settle(unavailable('Too many messages wait in this conversation.'))
    }
    waiting.push({ identity, request, settle })
    this.#advance(conversation, stream)
  }

  /** Gives what waits, unless something of the conversation is still elsewhere: it must not be overtaken. */
  #advance(conversation: ConversationId, stream: Stream): void {
    if (stream.busy) return
    stream.busy = true
    while (stream.waiting.length > 0) {
      const target = this.#targetOf(conversation)
      if (stream.outstanding.length === 0) stream.at = target
      else if (stream.at !== target) break
      this.#give(conversation, stream, stream.waiting.splice(0))
    }
    stream.busy = false
    if (stream.outstanding.length === 0 && stream.waiting.length === 0) this.#streams.delete(conversation)
  }

  #targetOf(conversation: ConversationId): string | undefined {
    const lane = this.#laneOf(conversation)
    const avoided = this.#avoided.get(conversation)
    const avoids = avoided !== undefined && avoided.node === lane && this.#clock.monotonic() < avoided.until
    return avoids ? undefined : lane
  }

  #give(conversation: ConversationId, stream: Stream, sends: Sent[]): void {
    stream.outstanding.push(...sends)
    const { giving, at } = stream
    for (const sent of sends) {
      if (stream.giving !== giving) return
      if (at === undefined) this.#giveHere(conversation, stream, sent)
      else this.#giveTo(at, conversation, stream, sent)
    }
  }

  #giveHere(conversation: ConversationId, stream: Stream, sent: Sent): void {
    this.#local.send(sent.identity, sent.request, (outcome) => this.#settle(conversation, stream, sent, outcome))
  }

  #giveTo(node: string, conversation: ConversationId, stream: Stream, sent: Sent): void {
    const { giving } = stream
    const raw = encodeSend(stream.epoch, sent.identity, sent.request)
    const asked = this.#calls.ask(node, sendMethod, raw, (answer) => {
      if (stream.giving !== giving) return
      if (answer === lost) return this.#takeBack(node, conversation, stream)
      const outcome = decodeOutcome(conversation, answer as RawOutcome)
      if (outcome instanceof AppError && isRetryable(outcome.code)) stream.epoch = ++this.#count
      this.#settle(conversation, stream, sent, outcome)
    })
    if (!asked) this.#takeBack(node, conversation, stream)
  }

  /** Nothing may be heard of what was given to another node: all of it is given again, here, in order. */
  #takeBack(node: string, conversation: ConversationId, stream: Stream): void {
    this.#avoided.set(conversation, { node, until: this.#clock.monotonic() + avoidance })
    stream.giving = ++this.#count
    stream.epoch = stream.giving
    stream.at = undefined
    const wasBusy = stream.busy
    stream.busy = true
    this.#give(conversation, stream, stream.outstanding.splice(0))
    stream.busy = wasBusy
    this.#advance(conversation, stream)
  }

  #settle(conversation: ConversationId, stream: Stream, sent: Sent, outcome: Appended | AppError): void {
    const index = stream.outstanding.indexOf(sent)
    if (index >= 0) stream.outstanding.splice(index, 1)
    const refused = outcome instanceof AppError && isRetryable(outcome.code)
    const behind = refused ? stream.waiting.splice(0) : []
    sent.settle(outcome)
    for (const { settle } of behind) settle(outcome)
    if (this.#streams.get(conversation) === stream) this.#advance(conversation, stream)
  }
}
