/** How updates come: `poll` where sockets do not get through (rule L1). */
export type Via = 'socket' | 'poll'

/** Why there is no connection and none will be made until `connect()`. */
export type ClosedReason =
  | 'new'
  | 'closed'
  | 'logged-out'
  | 'unauthenticated'
  | 'protocol'
  | 'account-deleted'
  | 'taken-over'
  | 'refused'

export type ConnectionState =
  | { status: 'connecting'; via: Via; url: string }
  | { status: 'greeting'; url: string }
  /** The backlog is coming. */
  | { status: 'catching-up'; via: Via }
  | { status: 'live'; via: Via }
  /** `until`: ms since the epoch, by the clock of this device. */
  | { status: 'waiting'; until: number; failures: number }
  | { status: 'closed'; reason: ClosedReason }
