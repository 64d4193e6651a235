/** A value that is made when it is read, and made again after something changed; the same object in between. */
export class Snapshot<T> {
  readonly #make
  #made: { value: T } | undefined

  constructor(make: () => T) {
    this.#make = make
  }

  readonly read = (): T => {
    this.#made ??= { value: this.#make() }
    return this.#made.value
  }

  /** For `useSyncExternalStore`: `sources` calls what it is given whenever the value may be another. */
  follow(changed: () => void, sources: (again: () => void) => (() => void)[]): () => void {
    // It may have changed while nobody listened.
    this.#made = undefined
    const offs = sources(() => {
      this.#made = undefined
      changed()
    })
    return endAll(offs)
  }
}

/** Ends every subscription. */
export function endAll(offs: readonly (() => void)[]): () => void {
  return () => {
    for (const off of offs) off()
  }
}
