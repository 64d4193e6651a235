/** An answer's place in line. */
export interface Slot {
  data: string | Uint8Array | undefined
}

/** Answers leave in the order of the frames they answer (rule S3), whenever they become known. */
export class Answers {
  readonly #write
  #line: Slot[] = []
  #start = 0

  constructor(write: (data: string | Uint8Array) => void) {
    this.#write = write
  }

  /** Answers that are not known yet, and those behind them. */
  get outstanding(): number {
    return this.#line.length - this.#start
  }

  open(): Slot {
    const slot: Slot = { data: undefined }
    this.#line.push(slot)
    return slot
  }

  settle(slot: Slot, data: string | Uint8Array): void {
    slot.data = data
    while (this.#start < this.#line.length) {
      const first = this.#line[this.#start] as Slot
      if (first.data === undefined) return
      this.#write(first.data)
      this.#start++
    }
    this.#line.length = 0
    this.#start = 0
  }
}
