import type { PresenceFrame, TypingFrame } from '@parley/protocol'
import type { FrameLimits } from '../frame-limits.ts'
import type { Session } from '../session.ts'

/** What the presence service is told by sessions. Nothing of it is stored, all of it may be dropped. */
export interface PresenceSink {
  opened(session: Session): void
  closed(session: Session): void
  setStatus(session: Session, status: 'active' | 'away'): void
  watch(session: Session, watch: readonly string[], unwatch: readonly string[]): void
  typing(session: Session, conversation: string, state: TypingFrame['state']): void
}

/** `presence` and `typing`. */
export class PresenceHandler {
  readonly #presence
  readonly #limits

  constructor(presence: PresenceSink, limits: FrameLimits) {
    this.#presence = presence
    this.#limits = limits
  }

  opened(session: Session): void {
    this.#presence.opened(session)
  }

  closed(session: Session): void {
    this.#presence.closed(session)
  }

  typing(session: Session, { conversation, state }: TypingFrame): void {
    // Over the limit it is dropped without a word: nobody waits for it.
    if (this.#limits.refusal(session, 'typing', conversation)) return
    this.#presence.typing(session, conversation, state)
  }

  handle(session: Session, { status, watch, unwatch }: PresenceFrame): void {
    const refusal = this.#limits.refusal(session, 'presence', undefined)
    if (refusal) throw refusal
    session.background = status === 'away'
    this.#presence.setStatus(session, status)
    this.#presence.watch(session, watch ?? [], unwatch ?? [])
  }
}
