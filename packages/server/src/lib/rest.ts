/**
 * Lets this thread sleep until another wakes it, or for some ms at most. The event loop stands still meanwhile: what
 * arrives is found all at once, instead of one wake-up for each of it.
 */
export class Rest {
  /** What the thread that wakes is given. */
  readonly cell = new Int32Array(new SharedArrayBuffer(4))

  /** Call it before giving the other thread its work: a wake from then on is not missed. */
  prepare(): void {
    Atomics.store(this.cell, 0, 0)
  }

  sleep(ms: number): void {
    Atomics.wait(this.cell, 0, 0, ms)
  }
}

export function wake(cell: Int32Array): void {
  Atomics.store(cell, 0, 1)
  Atomics.notify(cell, 0)
}
