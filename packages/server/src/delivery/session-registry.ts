import type { UserId } from '@parley/protocol'

/** Milliseconds for which a registration is believed; nodes renew theirs several times within it. */
export const registrationLife = 180_000

/**
 * Port: which nodes hold sessions of a user. A hint: an answer may name a node that holds none any more, or that is
 * dead (nodes are named by a life of a process, so that is seen), and a lost write is healed by the next renewal.
 * Calls of one node take effect in the order they were made, also when they are not awaited. All are idempotent, and
 * reject within a bounded time while the engine is away.
 */
export interface SessionRegistry {
  /** Registers or renews. */
  add(node: string, users: readonly UserId[]): Promise<void>
  /** Takes out what this node registered, and never another one's. */
  remove(node: string, users: readonly UserId[]): Promise<void>
  /** Nodes that registered within `registrationLife`; those registered nowhere are left out. */
  nodesOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly string[]>>
  /** Takes out everything that this node registered. */
  dropNode(node: string): Promise<void>
}
