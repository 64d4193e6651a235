import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import { type Facts, isEntry, type LogFacts } from '../facts.ts'
import type { Violation } from '../record.ts'

/** I1: what was answered `ok` is in the log, as answered. I1, I5, I15: it reached every device that it was due to. */
export function* checkDelivery(facts: Facts): Generator<Violation> {
  yield* checkAcknowledged(facts)
  for (const device of facts.settled) yield* checkDevice(facts, device)
  yield* checkQueues(facts)
}

function* checkAcknowledged(facts: Facts): Generator<Violation> {
  for (const { conversation, user, clientMessageId, oks } of facts.sends.values()) {
    for (const { seq, id } of oks) {
      const entry = facts.log(conversation).entries.get(seq)
      const said = `${clientMessageId} of ${user} was acknowledged as seq ${seq} (${id}) of ${conversation}`
      if (entry?.kind !== 'message') {
        yield { invariant: 'I1', message: `${said}, but the log has ${entry ? `a ${entry.kind}` : 'nothing'} there` }
      } else if (
        entry.id !== id ||
        entry.sender !== user ||
        (entry.clientMessageId ?? clientMessageId) !== clientMessageId
      ) {
        const found = `${entry.clientMessageId ?? 'something'} of ${entry.sender} (${entry.id})`
        yield { invariant: 'I1', message: `${said}, but the log has ${found} there` }
      }
    }
  }
}

/**
 * What a device has applied since its last reset, what it was told by events and answers, and from where on entries
 * were due to it.
 */
function stateOf(facts: Facts, device: DeviceId) {
  const applied = new Map<ConversationId, Set<number>>()
  let told = new Map<ConversationId, Set<number>>()
  let toldNow: typeof told = new Map()
  let baselines = new Map<ConversationId, number>()
  let user: UserId = ''
  for (const record of facts.devices.get(device) ?? []) {
    if ('user' in record) user = record.user
    if (record.type === 'welcome') toldNow = new Map()
    if (record.type === 'reset') {
      applied.clear()
      // What this session told before the device had dropped the rest is still to be applied.
      told = toldNow
    }
    const start = facts.starts.get(record)
    if (start) baselines = new Map(start)
    else if (record.type === 'baseline') {
      baselines.set(record.conversation, record.head)
    } else if (record.type === 'applied') {
      note(applied, record.conversation, record.seq)
    } else if (record.type === 'ok' || record.type === 'answered') {
      for (const seqs of [told, toldNow]) note(seqs, record.conversation, record.seq)
    } else if (record.type === 'event' && isEntry(record.update)) {
      for (const seqs of [told, toldNow]) note(seqs, record.update.conversation, record.update.seq)
    }
  }
  return { user, applied, told, baselines }
}

function note(seqs: Map<ConversationId, Set<number>>, conversation: ConversationId, seq: number): void {
  const own = seqs.get(conversation) ?? new Set()
  seqs.set(conversation, own.add(seq))
}

function* checkDevice(facts: Facts, device: DeviceId): Generator<Violation> {
  const { user, applied, told, baselines } = stateOf(facts, device)
  for (const [conversation, log] of facts.logs) {
    for (const seq of log.entries.keys()) {
      if (seq <= (baselines.get(conversation) ?? 0) || !log.covers(user, seq)) continue
      if (!applied.get(conversation)?.has(seq)) yield missing(facts, log, { conversation, seq, user, device })
      else if (!told.get(conversation)?.has(seq)) {
        // Rules Y2 and D7. It found the hole, but had there been nothing behind it, it would not have.
        const message = `seq ${seq} of ${conversation} was never told to ${device} of ${user}, which read it to fill a hole`
        yield { invariant: 'I15', message }
      }
    }
  }
}

function missing(
  facts: Facts,
  log: LogFacts,
  at: { conversation: ConversationId; seq: number; user: UserId; device: DeviceId },
): Violation {
  const { conversation, seq, user, device } = at
  const entry = log.entries.get(seq)!
  const what = `seq ${seq} (${entry.kind}) of ${conversation}`
  if (entry.kind === 'message' && entry.sender === user && entry.device !== device) {
    return { invariant: 'I5', message: `${what} never reached ${device}, another device of its sender ${user}` }
  }
  const oks = [...facts.sends.values()].some(
    (send) => send.conversation === conversation && send.oks.some((ok) => ok.seq === seq),
  )
  if (oks) return { invariant: 'I1', message: `${what} was acknowledged and never reached ${device} of ${user}` }
  return { invariant: 'I15', message: `${what} is stored and never reached ${device} of ${user}` }
}

function* checkQueues(facts: Facts): Generator<Violation> {
  const queued = new Map<string, Set<number>>()
  for (const record of facts.records) {
    if (record.type !== 'queued') continue
    const key = `${record.conversation} ${record.user}`
    const seqs = queued.get(key) ?? new Set()
    queued.set(key, seqs)
    for (let seq = record.from; seq <= record.to; seq++) seqs.add(seq)
  }
  if (queued.size === 0) return
  for (const [conversation, log] of facts.logs) {
    for (const user of log.members.keys()) {
      const seqs = queued.get(`${conversation} ${user}`)
      for (const seq of log.entries.keys()) {
        if (!log.covers(user, seq) || seqs?.has(seq)) continue
        yield { invariant: 'I15', message: `seq ${seq} of ${conversation} is stored, but not on the queue of ${user}` }
      }
    }
  }
}
