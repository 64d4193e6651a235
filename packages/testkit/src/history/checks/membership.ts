import { type Facts, isEntry } from '../facts.ts'
import type { Violation } from '../record.ts'

/** I6: entries reach members of that time only; whatever else is told of a conversation, those who ever were in it. */
export function* checkMembership(facts: Facts): Generator<Violation> {
  for (const record of facts.records) {
    if (record.type === 'event') {
      const { update, user, device } = record
      if (update.kind === 'device') continue
      const log = facts.log(update.conversation)
      if (isEntry(update)) {
        if (log.covers(user, update.seq)) continue
        const message = `${device} of ${user} was told seq ${update.seq} of ${update.conversation}, when ${user} was not in it`
        yield { invariant: 'I6', message }
      } else if (!log.members.has(user)) {
        const message = `${device} was told ${update.kind} of ${update.conversation}, which ${user} was never in`
        yield { invariant: 'I6', message }
      }
    } else if (record.type === 'fetched') {
      const { conversation, user, seq } = record
      const log = facts.log(conversation)
      if (log.covers(user, seq) || (log.openHistory && log.members.has(user))) continue
      yield {
        invariant: 'I6',
        message: `${user} could read seq ${seq} of ${conversation}, before or after being in it`,
      }
    }
  }
}
