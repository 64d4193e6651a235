import type { AuditEntry } from '@parley/protocol'
import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { OperatorRecords } from './operator-records.ts'

export interface OperatorNode {
  operators: OperatorRecords
}

/** Ids that grow, also from one run to the next over the same database. */
let last = BigInt(Date.now()) << 22n
const entry = (action: AuditEntry['action'], reason?: string): AuditEntry => {
  const by = { id: unique('u'), username: 'ann' }
  return { id: String(++last), at: 5, by, action, user: { id: 'u2', username: 'ben' }, ...(reason && { reason }) }
}

export const operatorRecordsRules: Rules<OperatorNode> = {
  'O2: an offer is taken once, in its time, and all others go with it': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [a, b, c] = [unique('hash'), unique('hash'), unique('hash')]
    const take = ({ operators }: OperatorNode, hash: string, at: number) => operators.take(hash, at)
    for (const hash of [a, b]) await retry(() => node.operators.offer(hash, 1000))
    expect(await retry(() => take(other, a, 1000)), 'too late').toBe(false)
    expect(await retry(() => take(other, c, 1)), 'nobody offered it').toBe(false)
    const taken = await Promise.all([take(node, a, 10), take(other, a, 10), take(node, a, 10)])
    expect(taken.filter(Boolean)).toHaveLength(1)
    expect(await retry(() => take(other, b, 10)), 'it went with the other').toBe(false)
    await retry(() => other.operators.offer(c, 1000))
    expect(await retry(() => take(node, c, 10))).toBe(true)
  },

  'O8: what was done is read back, the newest first, page by page': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const noted = [entry('suspend', 'spam "and" \u{1f600}'), entry('unsuspend'), entry('delete')]
    for (const one of [...noted, noted[1]!]) await retry(() => node.operators.note(one))
    const newest = await retry(() => other.operators.entries(undefined, 3))
    expect(newest).toEqual(noted.toReversed())
    const found = await retry(() => other.operators.find([noted[2]!.id, noted[0]!.id, '1']))
    expect(found.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))).toEqual([noted[0], noted[2]])
    expect(await retry(() => other.operators.find([]))).toEqual([])
    const [, second] = newest
    expect(await retry(() => other.operators.entries(second!.id, 1))).toEqual([noted[0]])
    expect(await retry(() => other.operators.entries('1', 5))).toEqual([])
  },
}
