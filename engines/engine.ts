import type { Folders } from './lib/folders.ts'

export const engineNames = [
  'postgres',
  'redis',
  'zookeeper',
  'zookeeper3',
  'cassandra',
  'cassandra3',
  'mongodb',
  's3',
  'moto',
] as const
export type EngineName = (typeof engineNames)[number]

/** How an engine was asked to run: kept beside its data, so every later command means the same one. */
export interface Setup {
  /** Of the first node; the others' and the inner ports follow from it. */
  port: number
  /** Cassandra: when an acknowledged write is on disk. */
  commitlogSync: 'periodic' | 'group' | 'batch'
  /** Cassandra: `small` starts fast in little memory, `full` is for measuring. */
  jvm: 'small' | 'full'
}

/** One process of an engine. */
export interface NodeSpec {
  name: string
  address: string
  port: number
  command: readonly [program: string, ...args: string[]]
  env?: Record<string, string>
  /** Runs as this user; only root can ask for it. */
  user?: { uid: number; gid: number }
  stopSignal: NodeJS.Signals
  /** It takes its dead predecessor for a living one until the system has let go of the process number. */
  mindsPredecessor?: boolean
  /** It serves clients. False or a failure: not yet. */
  answers: () => Promise<boolean>
  /** Seconds that a start may take. */
  patience: number
}

/** Where one engine keeps its things. */
export interface Place extends Folders {
  /** Data, logs, configuration of this engine. */
  home: string
}

export interface Engine {
  name: EngineName
  title: string
  defaultPort: number
  /** Installs, downloads or builds what is missing; tells how the engine is had. */
  provide: (folders: Folders) => Promise<string>
  /** Writes configuration and empty data folders before the nodes start. */
  arrange: (setup: Setup, place: Place) => Promise<void>
  nodes: (setup: Setup, place: Place) => NodeSpec[]
  /** When all nodes answer: what makes them one engine that is ready for use. */
  settle?: (setup: Setup, place: Place) => Promise<void>
  /** Environment variables by which Parley finds it. */
  variables: (setup: Setup) => Record<string, string>
}
