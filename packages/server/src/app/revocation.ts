import type { DeviceRegistry } from '../accounts/device-registry.ts'
import type { RevocationLog } from '../accounts/revocation-log.ts'
import { RevocationWatch } from '../accounts/revocation-watch.ts'
import type { Hub } from '../delivery/hub.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { DeviceCursors } from '../sync/device-cursors.ts'

/** Milliseconds over which clients come back when all have to show their tokens again. */
const readmissionSpread = 10_000

/** Ends what a revoked device has on this node. @returns the watch over what other nodes revoke, not yet started. */
export function endRevoked(deps: {
  devices: DeviceRegistry
  gateway: Gateway
  hub: Hub
  cursors: DeviceCursors
  log: RevocationLog
  clock: Clock
  logger: Logger
}): RevocationWatch {
  const { devices, gateway, hub, cursors, log, clock, logger } = deps
  devices.listen({
    revoked: ({ user, device, reason }, where) => {
      const hasSession = hub.of(user).some((session) => session.device === device)
      gateway.revoke({ user, device }, reason)
      // Where it was connected its cursor may still be on the way to the store.
      if (where === 'here' || hasSession) void cursors.forget(user, device).catch(() => {})
    },
  })
  const listener = {
    revoked: devices.revoked.bind(devices),
    anyRevoked: () => {
      devices.forgetTokens()
      gateway.readmit(readmissionSpread)
    },
  }
  return new RevocationWatch({ log, listener, clock, logger })
}
