import type { MovedKind } from './change-log.ts'
import { Digest } from './digest.ts'
import type { Comparison, Likeness, Move } from './move.ts'

const keysAtOnce = 200

/** What was compared of one kind. */
export interface Verified {
  kind: MovedKind
  keysAre: string
  keys: number
  rows: number
  /** Over all rows of keys that are alike; the same on both sides, or something is wrong. */
  source: string
  target: string
  /** Keys that changed meanwhile: they are looked at again. */
  open: number
}

/** Keys that are not alike though nothing changed. */
export class DifferenceError extends Error {
  constructor(different: readonly { kind: MovedKind; key: string }[]) {
    const some = different.slice(0, 5).map(({ kind, key }) => `${kind} ${key}`)
    super(`What was moved is not as it is here: ${some.join(', ')}${different.length > 5 ? ' and more' : ''}.`)
    this.name = 'DifferenceError'
  }
}

type Extent = 'whole' | 'recent'

/**
 * Holds both sides against each other while one of them goes on: what changed while it was looked at is looked at again,
 * until nothing is left of that when nothing changes any more.
 */
export class Verification {
  readonly #moves
  readonly #open: ReadonlyMap<MovedKind, Map<string, Extent>>
  #began = false

  constructor(moves: readonly Move[]) {
    this.#moves = moves
    this.#open = new Map(moves.map(({ kind }) => [kind, new Map<string, Extent>()]))
  }

  /** Rows of these keys were brought: what was seen of them is not the last word. */
  copied(kind: MovedKind, keys: readonly string[]): void {
    if (!this.#began) return
    const open = this.#open.get(kind)
    for (const key of keys) if (!open?.has(key)) open?.set(key, 'recent')
  }

  /** Every key that there is, in full. */
  async everything(tell: (verified: Verified) => void): Promise<Verified[]> {
    this.#began = true
    const all: Verified[] = []
    for (const move of this.#moves) {
      const tally = new Tally(move)
      for (let after: string | undefined; ; ) {
        const page = await move.page(after, keysAtOnce)
        await this.#compare(move, page.keys, 'whole', tally)
        tell(tally.verified(this.#openOf(move)))
        if (page.next === undefined) break
        after = page.next
      }
      all.push(tally.verified(this.#openOf(move)))
    }
    return all
  }

  /** What changed since, and what was not alike. */
  async changed(): Promise<Verified[]> {
    return Promise.all(
      this.#moves.map(async (move) => {
        const tally = new Tally(move)
        const open = this.#open.get(move.kind) ?? new Map<string, Extent>()
        for (const extent of ['recent', 'whole'] as const) {
          const keys = [...open].flatMap(([key, wanted]) => (wanted === extent ? key : []))
          for (let start = 0; start < keys.length; start += keysAtOnce) {
            await this.#compare(move, keys.slice(start, start + keysAtOnce), extent, tally)
          }
        }
        return tally.verified(this.#openOf(move))
      }),
    )
  }

  /** @throws DifferenceError when anything is not known to be alike; asked when nothing changes any more */
  conclude(): void {
    const different = [...this.#open].flatMap(([kind, open]) => [...open.keys()].map((key) => ({ kind, key })))
    if (different.length > 0) throw new DifferenceError(different)
  }

  #openOf({ kind }: Move): number {
    return this.#open.get(kind)?.size ?? 0
  }

  async #compare(move: Move, keys: readonly string[], extent: Extent, tally: Tally): Promise<void> {
    const open = this.#open.get(move.kind)
    // Taken out first: what is brought while this compares is noted again.
    for (const key of keys) open?.delete(key)
    const comparisons = await move.compare(keys, extent)
    for (const key of keys) {
      const comparison = comparisons.get(key)
      const likeness = comparison?.likeness ?? 'different'
      if (comparison && likeness !== 'different') tally.add(comparison)
      if (likeness !== 'equal') open?.set(key, nextExtent(likeness))
    }
  }
}

/** Of what is only behind, the part before is known. */
const nextExtent = (likeness: Likeness): Extent => (likeness === 'behind' ? 'recent' : 'whole')

class Tally {
  readonly #move
  readonly #source = new Digest()
  readonly #target = new Digest()
  #keys = 0

  constructor(move: Move) {
    this.#move = move
  }

  add({ source, target }: Comparison): void {
    this.#keys++
    this.#source.join(source)
    this.#target.join(target)
  }

  verified(open: number): Verified {
    const { kind, keysAre } = this.#move
    return {
      kind,
      keysAre,
      keys: this.#keys,
      rows: this.#source.rows,
      source: String(this.#source),
      target: String(this.#target),
      open,
    }
  }
}
