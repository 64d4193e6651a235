import type { ReadFrame } from '@parley/protocol'
import type { ReadService } from '../../messages/read-service.ts'
import type { FrameLimits } from '../frame-limits.ts'
import type { Session } from '../session.ts'

/** `read`: a watermark that never moves back; answered when it has a `ref`. */
export class ReadHandler {
  readonly #reads
  readonly #limits

  constructor(reads: ReadService, limits: FrameLimits) {
    this.#reads = reads
    this.#limits = limits
  }

  async handle(session: Session, { conversation, seq, ref }: ReadFrame): Promise<void> {
    const slot = ref === undefined ? undefined : session.answers.open()
    try {
      const refusal = this.#limits.refusal(session, 'read', conversation)
      if (refusal) throw refusal
      await this.#reads.read(session.identity, conversation, seq)
      if (slot && ref !== undefined) session.settle(slot, { t: 'ok', ref })
    } catch (error) {
      if (!slot) throw error
      session.fail(slot, ref, error)
    }
  }
}
