import type { QueuePosition } from './place.ts'

/**
 * Where a device stands on its user's queue: everything up to and including the row at `after`,
 * and the first `given` updates of the row behind it.
 *
 * Where rows may be late: everything up to `low`, to which the queue is read; and above it what was given up to `after`,
 * in the order of giving. There `given` only tells cursors apart.
 */
export interface Cursor {
  after: QueuePosition
  given: number
  /** As `after` where rows are never late. */
  low: QueuePosition
  /** What of the rows above `low` was given, in a poll's cursor (`GivenRows`); or ''. */
  above: string
  /** Small updates above `low` and up to here were given too, more than `above` holds. */
  mark: QueuePosition | undefined
}

/**
 * Cursors as clients keep them: `epoch.after` or `epoch.after~given`; and of queues with late rows also
 * `epoch.after~given~low` and `epoch.after~given~low~above~mark`. The epoch names this history of the data: a restored
 * backup has another, so that no position from after it is ever trusted (rule Y4).
 */
export class CursorFormat {
  readonly epoch
  readonly #prefix
  readonly #isPosition
  readonly #late

  constructor(epoch: string, isPosition: (text: string) => boolean, late = false) {
    this.epoch = epoch
    this.#prefix = `${epoch}.`
    this.#isPosition = isPosition
    this.#late = late
  }

  at(after: QueuePosition, given = 0): string {
    return given === 0 ? this.#prefix + after : `${this.#prefix}${after}~${given}`
  }

  /** As it was parsed. */
  format(cursor: Cursor): string {
    return this.#late ? this.late(cursor) : this.at(cursor.after, cursor.given)
  }

  late({ after, given, low, above = '', mark }: Omit<Cursor, 'above' | 'mark'> & Partial<Cursor>): string {
    const text = `${this.at(after)}~${given}~${low}`
    return above === '' && mark === undefined ? text : `${text}~${above}~${mark ?? ''}`
  }

  /** undefined: of another epoch, or unreadable. */
  parse(text: string): Cursor | undefined {
    if (!text.startsWith(this.#prefix)) return undefined
    const [after = '', given = '0', ...rest] = text.slice(this.#prefix.length).split('~')
    if (!/^\d{1,6}$/.test(given) || !this.#isPosition(after)) return undefined
    const cursor = { after, given: Number(given), low: after, above: '', mark: undefined }
    if (rest.length === 0) return cursor
    return this.#late ? this.#parseLate(cursor, rest) : undefined
  }

  #parseLate(cursor: Cursor, [low = '', above = '', mark = '', ...rest]: string[]): Cursor | undefined {
    if (rest.length > 0 || !this.#isPosition(low) || !/^[\w.-]*$/.test(above)) return undefined
    if (mark !== '' && !this.#isPosition(mark)) return undefined
    return { ...cursor, low, above, mark: mark === '' ? undefined : mark }
  }
}
