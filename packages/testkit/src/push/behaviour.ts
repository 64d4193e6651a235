/** What a push service does with a request instead of taking it. */
export type Behaviour =
  | { kind: 'take' }
  | { kind: 'answer'; status: number; reason?: string; retryAfter?: number }
  /** Takes it after `ms`. */
  | { kind: 'slow'; ms: number }
  /** Takes it, and ends the connection without an answer. */
  | { kind: 'taken-then-reset' }
  /** Ends the connection. */
  | { kind: 'reset' }

/** Asked for each request; `token` names the device's registration. */
export type Behave = (token: string, request: number) => Behaviour

export const taking: Behave = () => ({ kind: 'take' })

/** A notification or a withdrawal that a push service was given, as the device would see it. */
export interface Received {
  token: string
  action: 'show' | 'withdraw'
  collapseKey: string
  conversation: string
  count: number | undefined
  badge: number
  title: string | undefined
  body: string | undefined
  at: number
}

/** What devices show: a notification replaces the one with the same collapse key. */
export class Devices {
  readonly received: Received[] = []
  readonly #shown = new Map<string, Map<string, Received>>()

  take(push: Received): void {
    this.received.push(push)
    let shown = this.#shown.get(push.token)
    if (!shown) {
      shown = new Map()
      this.#shown.set(push.token, shown)
    }
    if (push.action === 'withdraw') shown.delete(push.collapseKey)
    else shown.set(push.collapseKey, push)
  }

  shownOn(token: string): Received[] {
    return [...(this.#shown.get(token)?.values() ?? [])]
  }
}
