import type { World } from './world.ts'

/**
 * Writes down where the server believes each device to be. It keeps the row behind which a device is; a device that is
 * in the middle of one acknowledged a position with more in it. Positions of an earlier epoch are nobody's any more,
 * and a poll whose answer was lost moves a cursor that its device never heard of.
 */
export function noteCursors({ disk, history, epoch, devices }: World): void {
  if (epoch > 1) return
  for (const { device, socketsAllowed, user } of devices) {
    const cursor = disk.now.stores.cursors.get(device)
    if (!cursor || !socketsAllowed) continue
    const row = `e${epoch}.${cursor.position}`
    const within = history.of('acked').find((acked) => acked.device === device && acked.pos.startsWith(`${row}~`))
    history.add({ type: 'cursor', user, device, pos: within?.pos ?? row })
  }
}
