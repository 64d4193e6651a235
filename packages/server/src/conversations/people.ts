import type { User, UserId } from '@parley/protocol'

/** What conversations and messages ask of the user service. */
export interface People {
  /** Those of `ids` that exist and are not deleted, in no particular order. */
  users(ids: readonly UserId[]): Promise<User[]>
  /** A block in either direction. Answers at once when it is known. */
  blockedBetween(a: UserId, b: UserId): boolean | Promise<boolean>
  hasBlocked(blocker: UserId, other: UserId): boolean | Promise<boolean>
}
