import type { MessageUpdate } from '@parley/protocol'
import { type Facts, isEmptied, isEntry, sayingOf, sendKey, stable } from '../facts.ts'
import type { Violation } from '../record.ts'

/** I4: what the log holds and what devices are told was said by a client, in these words and by this device. */
export function* checkOrigin(facts: Facts): Generator<Violation> {
  const said = new Map<string, Set<string>>()
  for (const send of facts.sends.values()) {
    const key = `${send.conversation} ${send.user} ${send.saying}`
    said.set(key, (said.get(key) ?? new Set()).union(send.devices))
  }
  const fault = (message: MessageUpdate): string | undefined => {
    const { conversation, sender, seq, device, clientMessageId } = message
    const emptied = isEmptied(message)
    if (emptied && !facts.log(conversation).deleted.has(seq)) return 'has lost its content'
    const send = clientMessageId && facts.sends.get(sendKey({ conversation, user: sender, clientMessageId }))
    if (clientMessageId && !send) return `was never sent by ${sender}`
    if (emptied) return undefined
    const saying = sayingOf(message)
    if (send && send.saying !== saying) return 'has other content than was sent'
    const devices = said.get(`${conversation} ${sender} ${saying}`)
    if (!devices) return `was never sent by ${sender}`
    return devices.has(device) ? undefined : `was not sent by ${device}`
  }
  for (const [conversation, log] of facts.logs) {
    for (const entry of log.entries.values()) {
      const wrong = entry.kind === 'message' && fault(entry)
      if (wrong) yield { invariant: 'I4', message: `seq ${entry.seq} in the log of ${conversation} ${wrong}` }
    }
  }
  for (const record of facts.records) {
    if (record.type !== 'event' || !isEntry(record.update)) continue
    const { update, device } = record
    const what = `seq ${update.seq} of ${update.conversation}, told to ${device},`
    const entry = facts.log(update.conversation).entries.get(update.seq)
    if (!entry) yield { invariant: 'I4', message: `${what} is not in the log` }
    const wrong =
      update.kind === 'message' ? fault(update) : entry && entry.kind === update.kind && differs(entry, update)
    if (wrong) yield { invariant: 'I4', message: `${what} ${wrong}` }
  }
}

/** Edits of a message that was deleted since are empty in the log. */
function differs(entry: object, update: object): string | undefined {
  const plain = (value: object) => stable({ ...value, content: undefined })
  return plain(entry) === plain(update) ? undefined : 'differs from what is stored'
}
