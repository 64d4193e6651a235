import type { DeviceId, PushRegistration, UserId } from '@parley/protocol'

export interface StoredRegistration {
  user: UserId
  device: DeviceId
  registration: PushRegistration
}

/**
 * Port: where notifications of each device go. At most one registration a device; a write that rejects as `unavailable`
 * may have been done, and every one may be repeated.
 */
export interface RegistrationStore {
  /** Replaces what was there: an app's token changes now and then. */
  set(registration: StoredRegistration): Promise<void>
  /** `only`: it is removed only while it is still this one, for a provider's late word that a token is gone. */
  remove(user: UserId, device: DeviceId, only?: PushRegistration): Promise<void>
  /** Of all devices of these users; of those that were logged out none, whether it was removed or not. */
  of(users: readonly UserId[]): Promise<StoredRegistration[]>
  /** False while no device was ever registered: then there is nothing to look for. */
  any(): Promise<boolean>
}
