import type { GroupPlan } from '../load/group.ts'
import type { PairsPlan } from '../load/pairs.ts'
import type { Measured } from '../load/slot.ts'
import type { Endpoint } from '../load/wire-socket.ts'

/** Something that can be measured: Parley, or one of the limits it is measured against. */
export interface Target<R extends RunningTarget = RunningTarget> {
  name: string
  start(options?: StartOptions): Promise<R>
}

export interface StartOptions {
  /** Added to the environment of the server's process. */
  env?: Record<string, string>
  /** A data folder to start on, kept after the stop; without it a new one that goes with the server. */
  data?: string
  port?: number
  /** How many users are made before the start, 200 when it is not said; the limits know everybody. */
  users?: number
}

export interface RunningTarget {
  name: string
  endpoint: Endpoint
  /** Root of the server's process tree. */
  pid: number
  /** Where it is more than one process, or stands on others. */
  measured?: Measured
  /** A token for each of `count` users, from the first. */
  tokens(count: number): string[]
  /** The first `users` users in pairs, a direct conversation per pair. */
  pairs(users: number): Promise<PairsPlan>
  /** One group of the first `users` users. */
  group(users: number): Promise<GroupPlan>
  stop(): Promise<void>
}

export const measuredOf = ({ pid, measured }: RunningTarget): Measured => measured ?? { server: [pid], engines: {} }
