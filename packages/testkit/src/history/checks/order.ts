import type { DeviceId } from '@parley/protocol'
import { type Facts, isEntry, type Send, senderKey } from '../facts.ts'
import type { Violation } from '../record.ts'

/** I3: the log is dense, everybody is told the same of it and in its order, and it keeps each device's order. */
export function* checkOrder(facts: Facts): Generator<Violation> {
  for (const contradiction of facts.contradictions) yield { invariant: 'I3', message: contradiction }
  for (const [conversation, log] of facts.logs) {
    for (let seq = 1; seq <= log.head; seq++) {
      if (!log.entries.has(seq))
        yield { invariant: 'I3', message: `seq ${seq} of ${conversation} is a hole in the log` }
    }
  }
  yield* checkEvents(facts)
  yield* checkFifo(facts)
}

function* checkEvents(facts: Facts): Generator<Violation> {
  for (const [device, records] of facts.devices) {
    const told = new Map<string, { seen: Set<number>; highest: number }>()
    for (const record of records) {
      if (record.type !== 'event' || !isEntry(record.update)) continue
      const { conversation, seq, kind } = record.update
      const key = `${record.session} ${conversation}`
      const state = told.get(key) ?? { seen: new Set<number>(), highest: 0 }
      told.set(key, state)
      if (!state.seen.has(seq) && seq < state.highest) {
        const message = `${device} was told seq ${seq} of ${conversation} after seq ${state.highest}, for the first time`
        yield { invariant: 'I3', message }
      }
      state.seen.add(seq)
      state.highest = Math.max(state.highest, seq)
      const entry = facts.log(conversation).entries.get(seq)
      if (!entry) continue
      const same =
        entry.kind === 'message' && record.update.kind === 'message'
          ? entry.id === record.update.id
          : kind === entry.kind
      if (!same)
        yield { invariant: 'I3', message: `${device} was told another seq ${seq} of ${conversation} than is stored` }
    }
  }
}

/** Messages that a device sent over its socket are in the log in the order of their first sending. */
function* checkFifo(facts: Facts): Generator<Violation> {
  const last = new Map<string, { send: Send; seq: number }>()
  for (const send of facts.sends.values()) {
    if (!send.ordered) continue
    const log = facts.log(send.conversation)
    const seq = send.oks[0]?.seq ?? log.bySend.get(senderKey(send.user, send.clientMessageId))?.[0]
    if (seq === undefined) continue
    const [device] = send.devices as Set<DeviceId>
    const key = `${send.conversation} ${device}`
    const before = last.get(key)
    if (before && before.seq > seq) {
      const message = `${device} sent ${before.send.clientMessageId} before ${send.clientMessageId} to ${send.conversation}, stored as ${before.seq} and ${seq}`
      yield { invariant: 'I3', message }
    }
    last.set(key, { send, seq })
  }
}
