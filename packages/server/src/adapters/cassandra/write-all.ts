import type { Cql, Statement } from './cql.ts'

/** Cassandra warns at more than 10 partitions, and at 5 KiB, in one batch. */
const chunk = { statements: 10, bytes: 4_000 }
const perStatement = 60

/** Plain writes that have nothing to do with each other, several to a message. Some may be done when it rejects. */
export async function writeAll(cql: Cql, statements: readonly Statement[]): Promise<void> {
  await Promise.all(
    chunksOf(statements, chunk).map((part) => {
      const [only] = part
      return only && part.length === 1 ? cql.execute(only) : cql.batch(part, 'unlogged')
    }),
  )
}

/** What one partition takes as one write. */
const together = { statements: 200, bytes: 60_000 }

/** As `writeAll`, for statements on one partition: many more go into one message. */
export async function writeTogether(cql: Cql, statements: readonly Statement[]): Promise<void> {
  await Promise.all(chunksOf(statements, together).map((part) => cql.batch(part, 'unlogged')))
}

function chunksOf(statements: readonly Statement[], most: { statements: number; bytes: number }): Statement[][] {
  const chunks: Statement[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const statement of statements) {
    const size = sizeOf(statement)
    const last = chunks.at(-1)
    bytes += size
    if (last && last.length < most.statements && bytes <= most.bytes) last.push(statement)
    else {
      chunks.push([statement])
      bytes = size
    }
  }
  return chunks
}

/** Roughly what they hold. */
export const bytesOf = (statements: readonly Statement[]): number =>
  statements.reduce((sum, statement) => sum + sizeOf(statement), 0)

const sizeOf = ({ params }: Statement): number =>
  params.reduce<number>((sum, param) => sum + (typeof param === 'string' ? param.length : 8), perStatement)
