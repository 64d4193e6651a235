import type { Facts } from '../facts.ts'
import type { Violation } from '../record.ts'

/** I2: each send is in the log once, answered once and the same, and in each device's store once. */
export function* checkDuplicates(facts: Facts): Generator<Violation> {
  for (const [conversation, log] of facts.logs) {
    for (const [key, seqs] of log.bySend) {
      if (seqs.length < 2) continue
      yield { invariant: 'I2', message: `${key} is in the log of ${conversation} at seqs ${seqs.join(', ')}` }
    }
  }
  for (const { conversation, user, clientMessageId, oks } of facts.sends.values()) {
    const results = new Set(oks.map(({ seq, id }) => `seq ${seq} (${id})`))
    if (results.size < 2) continue
    const message = `${clientMessageId} of ${user} in ${conversation} was answered ${[...results].join(' and ')}`
    yield { invariant: 'I2', message }
  }
  for (const [device, records] of facts.devices) {
    let applied = new Set<string>()
    for (const record of records) {
      if (record.type === 'reset') applied = new Set()
      if (record.type !== 'applied') continue
      const entry = `seq ${record.seq} of ${record.conversation}`
      if (applied.has(entry)) yield { invariant: 'I2', message: `${device} applied ${entry} twice` }
      applied.add(entry)
    }
  }
}
