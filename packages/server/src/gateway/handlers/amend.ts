import type { AmendAnswer, DeleteFrame, EditFrame, ReactFrame } from '@parley/protocol'
import type { Amender } from '../../messages/amending.ts'
import type { FrameLimits } from '../frame-limits.ts'
import type { Session } from '../session.ts'

/** `edit`, `delete`, `react`: entries of their own (rule D4), pipelined like sends. */
export class AmendHandler {
  readonly #amending
  readonly #limits

  constructor(amending: Amender, limits: FrameLimits) {
    this.#amending = amending
    this.#limits = limits
  }

  handle(session: Session, frame: EditFrame | DeleteFrame | ReactFrame): void {
    const { ref, conversation } = frame
    const slot = session.answers.open()
    const refusal = this.#limits.refusal(session, 'amend', conversation)
    if (refusal) return session.fail(slot, ref, refusal)
    this.#submit(session, frame).then(
      (answer) => {
        if (answer && !answer.duplicate) session.noteOwnSend(answer.id)
        session.settle(slot, { t: 'ok', ref, ...answer })
      },
      (error) => session.fail(slot, ref, error),
    )
  }

  async #submit(session: Session, frame: EditFrame | DeleteFrame | ReactFrame): Promise<AmendAnswer | undefined> {
    const { identity } = session
    switch (frame.t) {
      case 'edit':
        return this.#amending.edit(identity, frame)
      case 'react':
        return this.#amending.react(identity, frame)
      case 'delete':
        if (frame.for === 'everyone') return this.#amending.deleteForEveryone(identity, frame)
        await this.#amending.deleteForMe(identity, frame)
        return undefined
    }
  }
}
