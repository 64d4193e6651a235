/** Where updates come from at present: a socket's session, or a chain of polls. */
export interface Source {
  /** Aborted when it is over. */
  readonly signal: AbortSignal
  /** `count` more updates, everything up to `pos`, are stored. */
  acknowledge(pos: string, count: number): void
  /** The backlog is applied. */
  caughtUp(): void
  /** Its updates cannot be applied: the store failed, or the server refuses what is missing. */
  failed(error: unknown): void
}

/** Where a source starts (rules Y1, Y4). */
export interface Start {
  cursor: string
  resume: 'ok' | 'reset'
}
