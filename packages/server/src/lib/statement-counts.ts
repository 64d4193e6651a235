export interface StatementCount {
  engine: string
  /** What was asked, e.g. `read`; of what, e.g. a table. */
  kind: string
  table: string
  count: number
}

const namesRemembered = 10_000

/** What a node asked of its engines: how often, of which kind, of which table. */
export class StatementCounts {
  #counts = new Map<string, StatementCount>()
  #names = new Map<string, { verb: string; table: string }>()

  /** One more statement, batch or command. */
  note(engine: string, kind: string, table = ''): void {
    const key = `${engine} ${kind} ${table}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { engine, kind, table, count: 1 })
  }

  /** One more statement in SQL or CQL; `kind` where its verb does not tell. */
  noteQuery(engine: string, query: string, kind?: string): void {
    const { verb, table } = this.#nameOf(query)
    this.note(engine, kind ?? verb, table)
  }

  all(): StatementCount[] {
    return [...this.#counts.values()]
  }

  #nameOf(query: string): { verb: string; table: string } {
    const known = this.#names.get(query)
    if (known) return known
    const [, first = ''] = /^\s*(\w+)/.exec(query) ?? []
    const verb = first.toUpperCase() === 'SELECT' ? 'read' : 'write'
    const [, table = ''] = /\b(?:FROM|INTO|UPDATE|TABLE)\s+(?:ONLY\s+)?"?([a-z_]\w*)"?/i.exec(query) ?? []
    const name = { verb, table: table.toLowerCase() }
    if (this.#names.size < namesRemembered) this.#names.set(query, name)
    return name
  }
}
