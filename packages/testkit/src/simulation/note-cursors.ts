import type { DeviceCursor } from '../../../server/src/sync/sync-queue.ts'
import type { World } from './world.ts'

/**
 * Writes down where the server believes each device to be. Positions of an earlier epoch are nobody's any more, and a
 * poll whose answer was lost moves a cursor that its device never heard of.
 */
export function noteCursors(world: World): void {
  if (world.epoch > 1) return
  const known = new Map([...world.disk.now.cursors].map((cursor) => [cursor.device, cursor]))
  for (const { device, socketsAllowed } of world.devices) {
    const cursor = known.get(device)
    if (cursor && socketsAllowed) noteCursor(world, cursor)
  }
}

/**
 * The server keeps the row that a device is behind, or up to which a late queue is settled for one that polls; what the
 * device acknowledged may have more in it, or be of the epoch in which it was heard of last.
 */
export function noteCursor({ history, epoch }: World, { user, device, position }: DeviceCursor): void {
  const row = `e${epoch}.${position}`
  const own = history.of('acked').filter((one) => one.device === device)
  const within = own.find(({ pos }) => pos.startsWith(`${row}~`) || pos.split('~')[2] === position)
  const earlier = own.find(({ pos }) => pos === row) ?? own.find(({ pos }) => pos.split(/[.~]/)[1] === position)
  history.add({ type: 'cursor', user, device, pos: within?.pos ?? earlier?.pos ?? row })
}
