/** What may be on its way; each kind has keys of its own. */
export type MovedKind =
  | 'accounts'
  | 'logs'
  | 'own'
  | 'receipts'
  | 'queues'
  | 'cursors'
  | 'audit'
  | 'notifications'
  | 'media'

export interface Change {
  kind: MovedKind
  key: string
}

/** Port: what changed where data comes from, since it is watched. */
export interface ChangeLog {
  /** Names this watching: what was written down is complete since then. undefined: nobody watches. */
  watching(): Promise<string | undefined>
  /** Changes behind `mark`, oldest first, `limit` at most; some more than once. */
  since(mark: number, limit: number): Promise<{ changes: Change[]; mark: number }>
  /** The newest. */
  head(): Promise<number>
}
