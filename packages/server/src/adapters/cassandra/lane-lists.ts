import type { ConversationId } from '@parley/protocol'
import type { Cql } from './cql.ts'
import { dayOf, type EpochOf } from './lane-notes.ts'

const rowsAtOnce = 1_000
const epochsOfDay = 'SELECT epoch, node, done FROM lane_epochs WHERE day = ?'
const lanesFrom = 'SELECT conversation FROM lanes WHERE node = ? AND epoch = ? AND conversation > ? LIMIT ?'

/** Epochs of all nodes that began between two times (ms), oldest first. */
export async function epochsBetween(cql: Cql, from: number, to: number): Promise<(EpochOf & { done: boolean })[]> {
  const days = Array.from({ length: dayOf(to) - dayOf(from) + 1 }, (_, index) => dayOf(from) + index)
  const rows = await Promise.all(days.map((day) => cql.execute({ query: epochsOfDay, params: [day] })))
  const epochs = rows.flat().map(({ epoch, node, done }) => ({
    id: Number(epoch),
    node: String(node),
    done: done === true,
  }))
  return epochs.filter(({ id }) => id >= from && id <= to).sort((a, b) => a.id - b.id)
}

/** Conversations that a node appended to, a page at a time. */
export async function* lanesOf(cql: Cql, { node, id }: EpochOf): AsyncGenerator<ConversationId[]> {
  for (let after = ''; ; ) {
    const rows = await cql.execute({ query: lanesFrom, params: [node, id, after, rowsAtOnce] })
    const page = rows.map((row) => String(row.conversation))
    yield page
    if (page.length < rowsAtOnce) return
    after = page.at(-1) as string
  }
}
