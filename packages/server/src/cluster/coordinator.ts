/** A node as its peers and `POST /v1/connect` see it. */
export interface NodeInfo {
  /** Made at random when the process starts, so it names this life of it too: what a dead one left is never believed. */
  id: string
  /** What clients reach, e.g. `wss://chat-1.example.org`. */
  url: string
  /** What other nodes reach, e.g. `http://10.0.0.7:8080`. */
  link: string
  roles: readonly string[]
  sessions: number
  draining: boolean
}

/**
 * The right to make ids with a worker number. Lives as long as its coordinator: a lease that was lost is taken anew,
 * perhaps with another number. All but `raise` answer at once and belong together within one turn of the event loop.
 */
export interface WorkerLease {
  /** 0–1023. */
  readonly worker: number
  /** False once the number may belong to somebody else, until it is taken anew. Checked for every id. */
  held(): boolean
  /** Others who had this number made ids below this time (ms) only; this node makes none below it. */
  floor(): number
  /** Ids at or above this time (ms) may not be made before `raise` has moved it; a new owner starts above it. */
  ceiling(): number
  /**
   * Stores a higher ceiling: durable when it resolves. When it rejects the ceiling stays, whether it was stored or not.
   * @throws also when the number was lost
   */
  raise(ceiling: number): Promise<void>
  /** Milliseconds ahead of need to raise it: for so long ids are made while the place where it is stored is away. */
  readonly reserve: number
}

/** Port: who is alive, worker numbers and leadership. */
export interface Coordinator {
  /** Those that are alive, as far as is known: the last list while this node is cut off. Only announced ones. */
  nodes(): readonly NodeInfo[]
  /** Calls `listener` after `nodes()` changed. @returns what ends it */
  onChange(listener: () => void): () => void
  /**
   * Tells what this node is; repeated for it whenever it was forgotten. Changes of load are gathered for a second or
   * more, so this may be called often. Resolves when the others can see it. @throws AppError `unavailable`; it is told
   * later then
   */
  announce(self: NodeInfo): Promise<void>
  /** The one lease of this node. @throws AppError `unavailable` when no number could be taken */
  lease(): Promise<WorkerLease>
  /** True while this node surely leads `task` (the janitor's, say). The first question makes it a candidate. */
  leads(task: string): boolean
  /** Gives up everything at once; others need not wait for it to expire. */
  close(): Promise<void>
}
