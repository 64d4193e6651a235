import type { MarkStore } from '../cluster/mark-store.ts'
import type { Change, ChangeLog, MovedKind } from './change-log.ts'
import type { Move } from './move.ts'

/** Keys that are copied together. */
const keysAtOnce = 200
const changesAtOnce = 5_000
const done = 'done'

/** What has been done so far. */
export interface CopyProgress {
  kind: MovedKind
  /** In the plural. */
  keysAre: string
  keys: number
  rows: number
}

/**
 * Brings everything there is, then what changed since, again and again. How far it came is kept where the data goes, so
 * another process goes on from there; what it had begun it does again.
 */
export class Copying {
  readonly #moves
  readonly #changes
  readonly #marks
  readonly #copied

  constructor(deps: {
    moves: readonly Move[]
    changes: ChangeLog
    marks: MarkStore
    /** Told of keys whose rows were brought after they had been once. */
    copied: (kind: MovedKind, keys: readonly string[]) => void
  }) {
    this.#moves = deps.moves
    this.#changes = deps.changes
    this.#marks = deps.marks
    this.#copied = deps.copied
  }

  /** From the beginning: what an earlier move left is of no use. */
  async restart(): Promise<void> {
    for (const { kind } of this.#moves) await this.#marks.set(markOf(kind), '')
    await this.#marks.set(changesMark, '0')
  }

  /** Everything that there was when the watching began, and perhaps more. */
  async everything(tell: (progress: CopyProgress) => void): Promise<void> {
    for (const move of this.#moves) {
      const { kind, keysAre } = move
      let keys = 0
      let rows = 0
      for (let after = (await this.#marks.get(markOf(kind))) || undefined; after !== done; ) {
        const page = await move.page(after, keysAtOnce)
        rows += await move.copy(page.keys)
        keys += page.keys.length
        after = page.next ?? done
        await this.#marks.set(markOf(kind), after)
        tell({ kind, keysAre, keys, rows })
      }
    }
  }

  /** What changed since it was asked last. @returns how many keys that were */
  async changed(): Promise<number> {
    let count = 0
    for (;;) {
      const { changes, mark } = await this.#changes.since(await this.mark(), changesAtOnce)
      if (changes.length === 0) return count
      count += await this.#copy(changes)
      await this.#marks.set(changesMark, String(mark))
    }
  }

  /** Changes up to here are known where the data goes. */
  async mark(): Promise<number> {
    return Number((await this.#marks.get(changesMark)) ?? 0)
  }

  async #copy(changes: readonly Change[]): Promise<number> {
    const byKind = Map.groupBy(changes, ({ kind }) => kind)
    const counts = await Promise.all(
      this.#moves.map(async (move) => {
        const keys = [...new Set(byKind.get(move.kind)?.map(({ key }) => key))]
        for (let start = 0; start < keys.length; start += keysAtOnce) {
          await move.copy(keys.slice(start, start + keysAtOnce))
        }
        this.#copied(move.kind, keys)
        return keys.length
      }),
    )
    return counts.reduce((sum, keys) => sum + keys, 0)
  }
}

const changesMark = 'move:changes'
const markOf = (kind: MovedKind): string => `move:${kind}`
