import type { MessageId } from '@parley/protocol'
import { type Facts, senderKey } from '../facts.ts'
import type { Violation } from '../record.ts'

const workerOf = (id: MessageId): number => Number((BigInt(id) >> 12n) & 1023n)
const isAbove = (a: MessageId, b: MessageId): boolean => BigInt(a) > BigInt(b)

/** I8: no id twice; ids grow with seq; a worker's ids grow, as far as one was answered before another was asked for. */
export function* checkIds(facts: Facts): Generator<Violation> {
  const seen = new Map<MessageId, string>()
  for (const [conversation, log] of facts.logs) {
    let highest: MessageId = '0'
    for (const entry of [...log.entries.values()].sort((a, b) => a.seq - b.seq)) {
      if (entry.kind !== 'message') continue
      const place = `seq ${entry.seq} of ${conversation}`
      const other = seen.get(entry.id)
      if (other) yield { invariant: 'I8', message: `${place} and ${other} have the same id ${entry.id}` }
      seen.set(entry.id, place)
      if (!isAbove(entry.id, highest))
        yield { invariant: 'I8', message: `${place} has id ${entry.id}, not above ${highest}` }
      else highest = entry.id
    }
  }
  yield* checkMade(facts)
  yield* checkAnswered(facts)
}

function* checkMade(facts: Facts): Generator<Violation> {
  const newest = new Map<number, MessageId>()
  for (const record of facts.records) {
    if (record.type !== 'id') continue
    const { worker, id } = record
    const before = newest.get(worker)
    if (before !== undefined && !isAbove(id, before)) {
      yield { invariant: 'I8', message: `worker ${worker} made ${id} after ${before}` }
    }
    if (workerOf(id) !== worker)
      yield { invariant: 'I8', message: `worker ${worker} made ${id} of worker ${workerOf(id)}` }
    newest.set(worker, id)
  }
}

function* checkAnswered(facts: Facts): Generator<Violation> {
  const highest = new Map<number, MessageId>()
  /** The highest answered id of each worker when a send began, by send. */
  const floors = new Map<string, Map<number, MessageId>>()
  for (const record of facts.records) {
    if (record.type === 'ok') {
      const worker = workerOf(record.id)
      if (isAbove(record.id, highest.get(worker) ?? '0')) highest.set(worker, record.id)
    }
    if (record.type !== 'sent') continue
    const key = `${record.conversation} ${senderKey(record.user, record.clientMessageId)}`
    if (!floors.has(key)) floors.set(key, new Map(highest))
  }
  for (const [key, send] of facts.sends) {
    const id = send.oks[0]?.id
    if (id === undefined) continue
    const floor = floors.get(key)?.get(workerOf(id))
    if (floor === undefined || isAbove(id, floor)) continue
    const message = `${send.clientMessageId} of ${send.user} got id ${id}, though ${floor} was answered before it was sent`
    yield { invariant: 'I8', message }
  }
}
