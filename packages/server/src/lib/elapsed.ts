import type { Clock } from './clock.ts'

/** A moment by both clocks. */
export interface Moment {
  wall: number
  monotonic: number
}

export const momentOf = (clock: Clock): Moment => ({ wall: clock.now(), monotonic: clock.monotonic() })

/**
 * Milliseconds since then, never too few: the monotonic clock stands still while the machine is suspended, the wall
 * clock loses time when it is set back. For deadlines that others count too.
 */
export const elapsedSince = (clock: Clock, moment: Moment): number =>
  Math.max(clock.now() - moment.wall, clock.monotonic() - moment.monotonic)
