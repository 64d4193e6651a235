import type { Update } from '@parley/protocol'
import { type Facts, stable } from '../facts.ts'
import type { Violation } from '../record.ts'

/**
 * I7: watermarks that are told never move back. A session may repeat what an earlier one of the device was told
 * (rule Y2); within a session and towards whoever asks the server they only grow.
 */
export function* checkWatermarks(facts: Facts): Generator<Violation> {
  const asked = new Map<string, number>()
  for (const record of facts.records) {
    if (record.type !== 'watermark') continue
    const { by, conversation, user, kind, upTo } = record
    const key = `${kind} of ${user} in ${conversation}`
    const known = asked.get(`${by} ${key}`) ?? 0
    if (upTo < known)
      yield { invariant: 'I7', message: `${key}, as ${by} tells it, went back from ${known} to ${upTo}` }
    asked.set(`${by} ${key}`, Math.max(known, upTo))
  }
  for (const [device, records] of facts.devices) {
    const earlier = new Map<string, number>()
    const told = new Map<string, number>()
    for (const record of records) {
      if (record.type !== 'event') continue
      const same = stable(record.update)
      const isRepeat = (earlier.get(same) ?? record.session) < record.session
      if (!earlier.has(same)) earlier.set(same, record.session)
      if (isRepeat) continue
      for (const [key, upTo] of marksIn(record.update)) {
        const known = told.get(key) ?? 0
        if (upTo < known)
          yield { invariant: 'I7', message: `${key}, as told to ${device}, went back from ${known} to ${upTo}` }
        told.set(key, Math.max(known, upTo))
      }
    }
  }
}

function marksIn(update: Update): [string, number][] {
  if (update.kind === 'read') return [[`own read in ${update.conversation}`, update.read]]
  if (update.kind !== 'receipts') return []
  return update.members.flatMap(({ user, delivered, read }) => {
    const marks: [string, number][] = []
    if (delivered !== undefined) marks.push([`delivered of ${user} in ${update.conversation}`, delivered])
    if (read !== undefined) marks.push([`read of ${user} in ${update.conversation}`, read])
    return marks
  })
}
