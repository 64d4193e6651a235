import type { Facts } from '../facts.ts'
import type { Violation } from '../record.ts'

/**
 * Y7: what a member has read, as the server has it in the end, is a watermark too, which is stored together with what
 * its authors are told. Of conversations of which the server's watermarks were looked at.
 */
export function* checkReceipts(facts: Facts): Generator<Violation> {
  const stored = new Map<string, number>()
  /** How far devices have read; a mark of the server may lie further, where a member came back. */
  const read = new Map<string, number>()
  for (const record of facts.records) {
    if (record.type === 'watermark' && record.by === 'server' && record.kind === 'read') {
      stored.set(`${record.conversation} ${record.user}`, record.upTo)
    }
    if (record.type !== 'read') continue
    const key = `${record.conversation} ${record.user}`
    read.set(key, Math.max(read.get(key) ?? 0, record.seq))
  }
  for (const record of facts.records) {
    if (record.type !== 'unread' || !record.final || record.by !== 'server') continue
    const { conversation, user } = record
    const key = `${conversation} ${user}`
    const upTo = stored.get(key)
    const log = facts.log(conversation)
    const stay = log.members.get(user)?.at(-1)
    if (upTo === undefined || stay === undefined) continue
    const until = Math.min(record.read, read.get(key) ?? 0)
    let due = 0
    for (const entry of log.entries.values()) {
      if (entry.kind !== 'message' || entry.sender === user) continue
      if (entry.seq >= stay.from && entry.seq <= until) due = Math.max(due, entry.seq)
    }
    if (upTo >= due) continue
    const message = `${user} read ${due} of ${conversation}, and the authors were told of ${upTo} at most`
    yield { invariant: 'Y7', message }
  }
}
