/** Small records by key that every tab of this browser shows at once, kept over restarts. */
export class SharedRecords<T> {
  readonly #storage
  readonly #prefix
  readonly #listeners = new Set<(key: string) => void>()
  readonly #read = new Map<string, { text: string; value: T }>()

  constructor(storage: Storage, prefix: string, otherTabs: Pick<EventTarget, 'addEventListener'>) {
    this.#storage = storage
    this.#prefix = prefix
    otherTabs.addEventListener('storage', (event) => {
      const { key } = event as StorageEvent
      // null: everything was cleared.
      if (key === null) for (const known of this.#read.keys()) this.#tell(known)
      else if (key.startsWith(prefix)) this.#tell(key.slice(prefix.length))
    })
  }

  /** The same object until it changes. */
  get(key: string): T | undefined {
    const text = this.#storage.getItem(this.#prefix + key)
    if (text === null) return undefined
    const known = this.#read.get(key)
    if (known?.text === text) return known.value
    try {
      const value = JSON.parse(text) as T
      this.#read.set(key, { text, value })
      return value
    } catch {
      return undefined
    }
  }

  set(key: string, value: T | undefined): void {
    if (value === undefined) this.#storage.removeItem(this.#prefix + key)
    else this.#write(this.#prefix + key, JSON.stringify(value))
    this.#tell(key)
  }

  clear(): void {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? '')
    for (const key of keys) if (key.startsWith(this.#prefix)) this.set(key.slice(this.#prefix.length), undefined)
  }

  on(listener: (key: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #write(key: string, text: string): void {
    try {
      this.#storage.setItem(key, text)
    } catch {
      // No room: what is typed stays where it is typed.
    }
  }

  #tell(key: string): void {
    for (const listener of [...this.#listeners]) listener(key)
  }
}
