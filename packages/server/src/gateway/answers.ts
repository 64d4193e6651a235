import type { Connection } from './connection.ts'

/** An answer's place in line. */
export interface Slot {
  data: string | Uint8Array | undefined
}

/** Answers leave in the order of the frames they answer (rule S3), whenever they become known. */
export class Answers {
  readonly #connection
  /** Nothing is outstanding as a rule, in thousands of sessions. */
  #line: Slot[] | undefined
  #start = 0

  constructor(connection: Pick<Connection, 'send'>) {
    this.#connection = connection
  }

  /** Answers that are not known yet, and those behind them. */
  get outstanding(): number {
    return this.#line ? this.#line.length - this.#start : 0
  }

  open(): Slot {
    const slot: Slot = { data: undefined }
    this.#line ??= []
    this.#line.push(slot)
    return slot
  }

  settle(slot: Slot, data: string | Uint8Array): void {
    slot.data = data
    const line = this.#line ?? []
    while (this.#start < line.length) {
      const first = line[this.#start] as Slot
      if (first.data === undefined) return
      this.#connection.send(first.data)
      this.#start++
    }
    this.#line = undefined
    this.#start = 0
  }
}
