import type { DeviceId, UserId } from '@parley/protocol'
import type { Facts, LogFacts } from '../facts.ts'
import type { RecordOf, Violation } from '../record.ts'

/** Rule Y6: exact to here. */
const exact = 999

function modelOf(log: LogFacts, user: UserId, read: number, head: number): number {
  let unread = 0
  for (const entry of log.entries.values()) {
    if (entry.kind !== 'message' || entry.sender === user || entry.seq <= read || entry.seq > head) continue
    if (log.covers(user, entry.seq)) unread++
  }
  return unread
}

/** I12: an unread number is what the log says for its read mark and head; in the end all agree on those too. */
export function* checkUnread(facts: Facts): Generator<Violation> {
  const finals = new Map<string, RecordOf<'unread'>[]>()
  const furthest = new Map<string, Map<DeviceId, number>>()
  for (const record of facts.records) {
    if (record.type === 'read') {
      const key = `${record.conversation} ${record.user}`
      const devices = furthest.get(key) ?? new Map<DeviceId, number>()
      furthest.set(key, devices)
      devices.set(record.device, Math.max(devices.get(record.device) ?? 0, record.seq))
    }
    // Its read state goes, told or not (rule Y4).
    if (record.type === 'reset') for (const devices of furthest.values()) devices.delete(record.device)
    if (record.type !== 'unread') continue
    const { by, user, conversation, read, head, unread } = record
    const expected = modelOf(facts.log(conversation), user, read, head)
    if (Math.min(unread, exact) !== Math.min(expected, exact)) {
      const message = `unread of ${user} in ${conversation} (read ${read}, head ${head}) is ${unread} by ${by}, and ${expected} by the log`
      yield { invariant: 'I12', message }
    }
    if (record.final) finals.set(`${conversation} ${user}`, [...(finals.get(`${conversation} ${user}`) ?? []), record])
  }
  for (const [key, records] of finals) {
    const { conversation, user } = records[0]!
    const head = facts.log(conversation).head
    const due = Math.min(Math.max(0, ...(furthest.get(key)?.values() ?? [])), head)
    for (const { by, read, head: at, unread } of records) {
      const expected = modelOf(facts.log(conversation), user, read, head)
      if (read < due)
        yield { invariant: 'I12', message: `${user} read up to ${due} of ${conversation}, ${by} says ${read}` }
      if (Math.min(unread, exact) === Math.min(expected, exact)) continue
      const message = `in the end ${by} says ${unread} unread of ${user} in ${conversation} up to ${at}; up to the head ${head} it is ${expected}`
      yield { invariant: 'I12', message }
    }
    const reads = new Set(records.map((record) => record.read))
    if (reads.size < 2) continue
    const views = records.map(({ by, read }) => `${read} (${by})`).join(', ')
    yield { invariant: 'I12', message: `in the end the read mark of ${user} in ${conversation} is ${views}` }
  }
}
