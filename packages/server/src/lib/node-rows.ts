interface Row<Value> {
  value: Value
  at: number
}

/** What nodes say about keys, in memory: one row per key and node, believed until it is too old. */
export class NodeRows<Value> {
  readonly #life
  #rows = new Map<string, Map<string, Row<Value>>>()
  #sweptAt = 0

  /** `life`: milliseconds for which a row is believed. */
  constructor(life: number) {
    this.#life = life
  }

  /** Rows in memory, those among them that are too old and not swept yet. */
  get size(): number {
    let size = 0
    for (const rows of this.#rows.values()) size += rows.size
    return size
  }

  set(node: string, key: string, value: Value, now: number): void {
    this.#sweep(now)
    const rows = this.#rows.get(key) ?? new Map<string, Row<Value>>()
    this.#rows.set(key, rows.set(node, { value, at: now }))
  }

  delete(node: string, key: string): void {
    const rows = this.#rows.get(key)
    rows?.delete(node)
    if (rows?.size === 0) this.#rows.delete(key)
  }

  of(key: string, now: number): { node: string; value: Value; at: number }[] {
    return [...(this.#rows.get(key) ?? [])]
      .filter(([, { at }]) => at > now - this.#life)
      .map(([node, row]) => ({ node, ...row }))
  }

  dropNode(node: string): void {
    for (const key of [...this.#rows.keys()]) this.delete(node, key)
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < this.#life) return
    this.#sweptAt = now
    for (const [key, rows] of [...this.#rows]) {
      for (const [node, { at }] of [...rows]) if (at <= now - this.#life) this.delete(node, key)
    }
  }
}
