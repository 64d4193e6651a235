import type { SendFrame } from '@parley/protocol'
import { AppError } from '../../lib/errors.ts'
import type { Sender } from '../../messages/sender.ts'
import type { FrameLimits } from '../frame-limits.ts'
import type { Session } from '../session.ts'

/** `send`: goes to its conversation's line at once, and is answered when it is durable (rules D1–D3, D7). */
export class SendHandler {
  readonly #sending
  readonly #limits

  constructor(sending: Sender, limits: FrameLimits) {
    this.#sending = sending
    this.#limits = limits
  }

  handle(session: Session, frame: SendFrame): void {
    const { ref, conversation, clientMessageId } = frame
    const slot = session.answers.open()
    const refusal =
      session.refusals.check(conversation, clientMessageId) ?? this.#limits.refusal(session, 'send', conversation)
    if (refusal) {
      session.refusals.note(conversation, clientMessageId, refusal)
      return session.fail(slot, ref, refusal)
    }
    this.#sending.send(session.identity, frame, (outcome) => {
      if (outcome instanceof AppError) {
        session.refusals.note(conversation, clientMessageId, outcome)
        return session.fail(slot, ref, outcome)
      }
      const { seq, id, at, duplicate } = outcome
      if (duplicate) return session.settle(slot, { t: 'ok', ref, conversation, seq, id, sentAt: at, duplicate })
      session.noteOwnSend(id)
      if (session.codec.subprotocol !== 'parley.1.json') {
        return session.settle(slot, { t: 'ok', ref, conversation, seq, id, sentAt: at })
      }
      session.settle(
        slot,
        `{"t":"ok","ref":${ref},"conversation":"${conversation}","seq":${seq},"id":"${id}","sentAt":${at}}`,
      )
    })
  }
}
