import { unavailable } from '../../lib/errors.ts'
import type { CassandraConnection } from './connection.ts'
import type { Statement } from './cql.ts'

type Method = 'execute' | 'serial' | 'batch' | 'conditional'
type Matches = (queries: readonly string[], method: Method) => boolean

const methods = new Set<PropertyKey>(['execute', 'serial', 'batch', 'conditional'])

/** A node's connection that a test breaks at a named statement. */
export class FaultyConnection {
  /** What the node is given. */
  readonly connection: CassandraConnection
  #dead = false
  #dies: { matches: Matches; applied: boolean } | undefined
  #loses: { matches: Matches; left: number } | undefined

  constructor(inner: CassandraConnection) {
    this.connection = new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        const method = value.bind(target) as (...args: unknown[]) => Promise<unknown>
        if (!methods.has(name)) return method
        return (...args: unknown[]) => this.#call(name as Method, args, () => method(...args))
      },
    })
  }

  /** The node is gone with the first such statement; `applied`: that one is still done. */
  dieAt(matches: Matches, applied: boolean): void {
    this.#dies = { matches, applied }
  }

  /** So many such statements are done, but not answered. */
  loseAnswers(matches: Matches, times: number): void {
    this.#loses = { matches, left: times }
  }

  get isDead(): boolean {
    return this.#dead
  }

  /** As if the engine came back. */
  heal(): void {
    this.#dead = false
    this.#dies = undefined
  }

  async #call(method: Method, [given]: unknown[], run: () => Promise<unknown>): Promise<unknown> {
    if (this.#dead) throw unavailable('This node is gone.')
    const statements = (Array.isArray(given) ? given : [given]) as Statement[]
    const queries = statements.map(({ query }) => query)
    const dies = this.#dies
    if (dies?.matches(queries, method)) {
      this.#dead = true
      if (dies.applied) await run()
      throw unavailable('This node is gone.')
    }
    const result = await run()
    if (this.#loses && this.#loses.left > 0 && this.#loses.matches(queries, method)) {
      this.#loses.left--
      throw unavailable('The answer was lost.')
    }
    return result
  }
}

/** Statements on a table. */
export const on =
  (table: string, method?: Method): Matches =>
  (queries, used) =>
    (method === undefined || method === used) &&
    queries.some((query) => new RegExp(`^(INSERT INTO|UPDATE) ${table}\\b`).test(query))
