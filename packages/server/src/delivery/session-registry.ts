import type { UserId } from '@parley/protocol'

/** Port: which nodes hold sessions of a user. Hints: a stale or missing row delays, never loses. */
export interface SessionRegistry {
  /** `epoch` tells this start of the node from earlier ones. */
  register(node: string, epoch: string, users: readonly UserId[]): Promise<void>
  /** Removes only what the same node and epoch registered. */
  unregister(node: string, epoch: string, users: readonly UserId[]): Promise<void>
  /** Nodes that hold sessions of each user. */
  locate(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly string[]>>
}
