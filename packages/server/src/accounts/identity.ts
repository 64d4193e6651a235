import type { DeviceId, UserId } from '@parley/protocol'

/** Who is behind a token or a ticket. */
export interface Identity {
  user: UserId
  device: DeviceId
}
