/** Waiting times between tries: doubled from `first` to `longest`, ms, until something went well. */
export class BackOff {
  readonly #first
  readonly #longest
  #next

  constructor(first: number, longest: number) {
    this.#first = first
    this.#longest = longest
    this.#next = first
  }

  next(): number {
    const now = this.#next
    this.#next = Math.min(this.#longest, now * 2)
    return now
  }

  reset(): void {
    this.#next = this.#first
  }
}
