/**
 * Frames of a session, one after the other (rule S3): while one is being executed that holds back the others, or while
 * too many answers are outstanding, what comes waits in line.
 */
export class FrameLine {
  readonly #execute
  readonly #hasRoom
  #waiting: unknown[] = []
  #held = false

  /** `execute` may give back a promise: the next frame waits for it. It never rejects. */
  constructor(execute: (input: unknown) => Promise<void> | undefined, hasRoom: () => boolean) {
    this.#execute = execute
    this.#hasRoom = hasRoom
  }

  get waiting(): number {
    return this.#waiting.length
  }

  take(input: unknown): void {
    if (this.#held || this.#waiting.length > 0 || !this.#hasRoom()) this.#waiting.push(input)
    else this.#run(input)
  }

  /** Goes on with what waits, as far as it may. */
  advance(): void {
    while (this.#waiting.length > 0 && !this.#held && this.#hasRoom()) this.#run(this.#waiting.shift())
  }

  clear(): void {
    this.#waiting = []
  }

  #run(input: unknown): void {
    const working = this.#execute(input)
    if (!working) return
    this.#held = true
    void working.then(() => {
      this.#held = false
      this.advance()
    })
  }
}
