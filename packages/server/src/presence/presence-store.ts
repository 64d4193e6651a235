import type { UserId } from '@parley/protocol'

/** Milliseconds for which a status is believed; nodes say those of their users again several times within it. */
export const statusLife = 180_000

/** When users were last online. */
export interface LastOnlineStore {
  /** Only forward, in whatever order times come. */
  saveLastOnline(times: readonly { user: UserId; at: number }[]): Promise<void>
  lastOnline(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>>
}

/** What a node says of a user who has sessions on it. */
export interface NodeStatus {
  node: string
  status: 'online' | 'away'
  /** When the node said so last, ms since the epoch. */
  at: number
}

/**
 * Port: when users were last online, and what nodes say of those connected to them. All of it may be up to 1 s late and
 * may be lost with a machine; never more than that. Rejects within a bounded time while the engine is away.
 */
export interface PresenceStore extends LastOnlineStore {
  /**
   * What `node` says of users from now on; `offline`: it holds none of theirs any more. Nothing of other nodes changes.
   * Calls of one node take effect in the order they were made, also when they are not awaited.
   */
  saveStatus(
    node: string,
    statuses: readonly { user: UserId; status: NodeStatus['status'] | 'offline' }[],
  ): Promise<void>
  /**
   * What nodes said within `statusLife`; users of whom none did are left out. A node that is dead may be among them:
   * nodes are named by a life of a process, so that is seen.
   */
  statusOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly NodeStatus[]>>
  /** Nothing that this node said counts any more. */
  dropNode(node: string): Promise<void>
}
