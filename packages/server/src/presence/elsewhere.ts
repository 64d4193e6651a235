import type { UserId } from '@parley/protocol'

export type PresentStatus = 'online' | 'away'

/** What is known of a user's sessions on other nodes. */
export interface StatusElsewhere {
  /** Undefined: no living node says that the user is there. */
  status: PresentStatus | undefined
  /** When a node said so last, ms since the epoch. */
  at: number
}

/** The other nodes, as presence sees them. */
export interface Elsewhere {
  /** Users of whom nothing is known are left out. */
  statusOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, StatusElsewhere>>
  /** How it is on this node from now on, once that has changed. */
  say(user: UserId, status: PresentStatus | 'offline'): void
  /** Told of users whose sessions on other nodes changed. */
  listen(changed: (user: UserId) => void): void
}

/** There are no other nodes. */
export const nowhereElse: Elsewhere = {
  statusOf: async () => new Map(),
  say: () => {},
  listen: () => {},
}
