/** A chat server as its peers and `POST /v1/connect` see it. */
export interface NodeInfo {
  id: string
  /** What clients reach, e.g. `wss://chat-1.example.org`. */
  url: string
  sessions: number
  draining: boolean
}

/** The right to make ids with a worker number, for as long as the lease is held. */
export interface WorkerLease {
  /** 0–1023. */
  worker: number
  /** Ids at or above this time (ms) may not be made before `raise` has moved it; a new owner starts above it. */
  ceiling(): number
  /** Stores a higher ceiling; durable when it resolves. */
  raise(ceiling: number): Promise<void>
  /** False once the lease may belong to somebody else. Checked for every id. */
  held(): boolean
}

/** Port: who is alive, worker numbers and leadership. */
export interface Coordinator {
  nodes(): readonly NodeInfo[]
  announce(self: NodeInfo): Promise<void>
  lease(): Promise<WorkerLease>
  /** True while this node leads `task` (the janitor's, say). */
  leads(task: string): boolean
  close(): Promise<void>
}
