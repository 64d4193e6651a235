import type { DeviceId, UserId } from '@parley/protocol'
import type { RevocationReason } from './revocation-log.ts'

export interface StoredDevice {
  id: DeviceId
  user: UserId
  /** SHA-256 of the token, in hex. */
  tokenHash: string
  name: string
  platform: string | undefined
  createdAt: number
  /** ms, gathered. */
  lastSeenAt: number
}

/**
 * Port: devices, found by their user; the hashes of their tokens are looked up on their own, as usernames are.
 * Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface DeviceStore {
  /** Nothing for an account that was erased: a log-in that was on its way opens nothing. */
  add(device: StoredDevice): Promise<void>
  /** As `add`, for many, as fast as can be. */
  addAll(devices: readonly StoredDevice[]): Promise<void>
  byToken(tokenHash: string): Promise<StoredDevice | undefined>
  /** Oldest first. */
  of(user: UserId): Promise<StoredDevice[]>
  /** Those that are there are noted in the revocation log in the same step. */
  remove(user: UserId, devices: readonly DeviceId[], reason: RevocationReason): Promise<void>
  /** When devices were last seen; forward only. */
  seen(devices: readonly { id: DeviceId; user: UserId; at: number }[]): Promise<void>
}
