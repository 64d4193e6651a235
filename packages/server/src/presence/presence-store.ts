import type { UserId } from '@parley/protocol'

/** Port: when users were last online. May be up to 1 s late, may be lost with a machine; never more than that. */
export interface PresenceStore {
  saveLastOnline(times: readonly { user: UserId; at: number }[]): Promise<void>
  lastOnline(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>>
}
