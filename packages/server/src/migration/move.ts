import type { KeyPage } from '../lib/key-page.ts'
import type { MovedKind } from './change-log.ts'
import { Digest } from './digest.ts'

/**
 * `behind`: what is there is right, but more has come since. `different`: something is not as it is where it comes from,
 * or changed while it was looked at.
 */
export type Likeness = 'equal' | 'behind' | 'different'

/** What lies under one key, on both sides. */
export class Comparison {
  readonly source = new Digest()
  readonly target = new Digest()
  behind = false

  get likeness(): Likeness {
    if (!this.source.equals(this.target)) return 'different'
    return this.behind ? 'behind' : 'equal'
  }
}

/**
 * One kind of data on its way. A move is a list of these: what is kept in a store of its own is moved by adding one
 * more (decision 0021, "One kind more"). Everything may be done again after an interruption.
 */
export interface Move {
  readonly kind: MovedKind
  /** What a key names, in the plural. */
  readonly keysAre: string
  /** Every key there is. */
  page(after: string | undefined, limit: number): Promise<KeyPage>
  /** Brings what there is under these keys and is not there yet. @returns rows */
  copy(keys: readonly string[]): Promise<number>
  /** `recent`: of long lists only the ends, where something can have changed. */
  compare(keys: readonly string[], extent: 'whole' | 'recent'): Promise<Map<string, Comparison>>
}
