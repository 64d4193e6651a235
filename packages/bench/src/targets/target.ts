import type { Endpoint } from '../load/wire-socket.ts'

/** Something that can be measured: Parley, or one of the limits it is measured against. */
export interface Target {
  name: string
  start(options?: StartOptions): Promise<RunningTarget>
}

export interface StartOptions {
  /** Added to the environment of the server's process. */
  env?: Record<string, string>
  /** A data folder to start on, kept after the stop; without it a new one that goes with the server. */
  data?: string
  /** How many users the server must know; the limits know everybody. */
  users?: number
}

export interface RunningTarget {
  name: string
  endpoint: Endpoint
  /** Root of the server's process tree. */
  pid: number
  /** Users in pairs, a conversation per pair. */
  pairs(users: number): Promise<{ tokens: string[]; conversations: string[]; echo?: boolean }>
  stop(): Promise<void>
}
