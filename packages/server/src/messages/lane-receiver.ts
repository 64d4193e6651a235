import { isRetryable } from '@parley/protocol'
import type { NodeCalls } from '../delivery/node-calls.ts'
import { AppError } from '../lib/errors.ts'
import { Lru } from '../lib/lru.ts'
import type { Appended } from '../log/operation.ts'
import { sendMethod } from './lane-sender.ts'
import { encodeOutcome, type RawSend } from './lane-wire.ts'
import type { Sender } from './sender.ts'

const fencesRemembered = 10_000

/**
 * Takes the sends that other nodes give to the lanes of this one. Behind a refusal that may be tried again nothing of
 * the same node and conversation is taken until that node has heard of it: it would overtake what was refused (rule D3).
 */
export class LaneReceiver {
  readonly #sender
  #fences = new Lru<string, { epoch: number; error: AppError }>(fencesRemembered)

  constructor(calls: NodeCalls, sender: Sender) {
    this.#sender = sender
    calls.answer<RawSend>(sendMethod, (raw, from, reply) =>
      this.#take(raw, from, (outcome) => reply(encodeOutcome(outcome))),
    )
  }

  #take([epoch, user, device, request]: RawSend, from: string, settle: (outcome: Appended | AppError) => void): void {
    const key = `${from} ${request.conversation}`
    const fence = this.#fences.get(key)
    if (fence && epoch <= fence.epoch) return settle(fence.error)
    if (fence) this.#fences.delete(key)
    this.#sender.send({ user, device }, request, (outcome) => {
      if (outcome instanceof AppError && isRetryable(outcome.code)) this.#fence(key, epoch, outcome)
      settle(outcome)
    })
  }

  #fence(key: string, epoch: number, error: AppError): void {
    const fence = this.#fences.get(key)
    if (!fence || fence.epoch < epoch) this.#fences.set(key, { epoch, error })
  }
}
