/** What a line of frames is for. */
export interface FrameWork {
  /** May give back a promise: the next frame waits for it. It never rejects. */
  execute(input: unknown): Promise<void> | undefined
  hasRoom(): boolean
}

/**
 * Frames of a session, one after the other (rule S3): while one is being executed that holds back the others, or while
 * too many answers are outstanding, what comes waits in line.
 */
export class FrameLine {
  readonly #work
  /** Nothing waits as a rule, in thousands of sessions. */
  #waiting: unknown[] | undefined
  #held = false

  constructor(work: FrameWork) {
    this.#work = work
  }

  get waiting(): number {
    return this.#waiting?.length ?? 0
  }

  take(input: unknown): void {
    if (!this.#held && !this.#waiting && this.#work.hasRoom()) return this.#run(input)
    this.#waiting ??= []
    this.#waiting.push(input)
  }

  /** Goes on with what waits, as far as it may. */
  advance(): void {
    while (this.#waiting && !this.#held && this.#work.hasRoom()) {
      const next = this.#waiting.shift()
      if (this.#waiting.length === 0) this.#waiting = undefined
      this.#run(next)
    }
  }

  clear(): void {
    this.#waiting = undefined
  }

  #run(input: unknown): void {
    const working = this.#work.execute(input)
    if (!working) return
    this.#held = true
    void working.then(() => {
      this.#held = false
      this.advance()
    })
  }
}
