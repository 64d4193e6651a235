import type { Endpoint } from '../load/wire-socket.ts'

/** How often engines were asked what, by `engine kind table`. */
export type Statements = ReadonlyMap<string, number>

const sample = /^parley_engine_statements_total\{engine="(\w*)",kind="([\w ]*)",table="(\w*)"\} (\d+)$/

/** What all nodes have asked so far. */
export async function readStatements(endpoints: readonly Endpoint[]): Promise<Statements> {
  const sum = new Map<string, number>()
  for (const { host, port } of endpoints) {
    const text = await (await fetch(`http://${host}:${port}/metrics`)).text()
    for (const line of text.split('\n')) {
      const [, engine, kind, table, count] = sample.exec(line) ?? []
      if (engine === undefined) continue
      const name = `${engine} ${kind} ${table}`
      sum.set(name, (sum.get(name) ?? 0) + Number(count))
    }
  }
  return sum
}

/** Between two looks. */
export const since = (before: Statements, after: Statements): Statements =>
  new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]))

export const isRead = (name: string): boolean => / (serial )?read /.test(name)

/** What a session does that looks for rows that hints did not tell of: the same each few seconds, however many there are. */
export const isOfQueueReader = (name: string): boolean => /^cassandra read queue(_buckets)?$/.test(name)

export function count(statements: Statements, matches: (name: string) => boolean): number {
  let sum = 0
  for (const [name, value] of statements) if (matches(name)) sum += value
  return sum
}
