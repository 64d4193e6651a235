import { type Facts, stable } from '../facts.ts'
import type { RecordOf, Violation } from '../record.ts'

/** I13: devices that were looked at together show the same, however each got there. */
export function* checkResets(facts: Facts): Generator<Violation> {
  const groups = new Map<string, RecordOf<'snapshot'>>()
  for (const record of facts.records) {
    if (record.type !== 'snapshot') continue
    const first = groups.get(record.group)
    if (!first) groups.set(record.group, record)
    else if (stable(first.state) !== stable(record.state)) {
      const message = `${record.device} shows ${stable(record.state)}, but ${first.device} shows ${stable(first.state)}`
      yield { invariant: 'I13', message }
    }
  }
}
