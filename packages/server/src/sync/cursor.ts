import type { QueuePosition } from './place.ts'

/**
 * Where a device stands on its user's queue: everything up to and including the row at `after`,
 * and the first `given` updates of the row behind it.
 */
export interface Cursor {
  after: QueuePosition
  given: number
}

/**
 * Cursors as clients keep them: `epoch.after` or `epoch.after~given`. The epoch names this history of the data:
 * a restored backup has another, so that no position from after it is ever trusted (rule Y4).
 */
export class CursorFormat {
  readonly epoch
  readonly #prefix
  readonly #isPosition

  constructor(epoch: string, isPosition: (text: string) => boolean) {
    this.epoch = epoch
    this.#prefix = `${epoch}.`
    this.#isPosition = isPosition
  }

  at(after: QueuePosition, given = 0): string {
    return given === 0 ? this.#prefix + after : `${this.#prefix}${after}~${given}`
  }

  /** undefined: of another epoch, or unreadable. */
  parse(text: string): Cursor | undefined {
    if (!text.startsWith(this.#prefix)) return undefined
    const [after = '', given = '0', ...rest] = text.slice(this.#prefix.length).split('~')
    if (rest.length > 0 || !/^\d{1,6}$/.test(given) || !this.#isPosition(after)) return undefined
    return { after, given: Number(given) }
  }
}
