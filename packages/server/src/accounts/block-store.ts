import type { UserId } from '@parley/protocol'

/**
 * Port: who has blocked whom, found by the one who did. A block stays when the blocked user's account is erased: it
 * belongs to the other. Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface BlockStore {
  /** Nothing for an account that was erased. */
  add(blocker: UserId, blocked: UserId): Promise<void>
  remove(blocker: UserId, blocked: UserId): Promise<void>
  /** Whom `blocker` has blocked. */
  of(blocker: UserId): Promise<UserId[]>
}
