import type { Pointer } from '../../sync/sync-queue.ts'

/** No JSON begins with it. */
const entriesMark = '>'

/** What a queue row says, as one column: a small update is JSON already. */
export function encodePointer(pointer: Pointer): string {
  if (pointer.kind === 'update') return pointer.update
  return `${entriesMark}${pointer.conversation} ${pointer.from} ${pointer.to}`
}

export function decodePointer(text: string): Pointer {
  if (!text.startsWith(entriesMark)) return { kind: 'update', update: text }
  const [conversation = '', from = '', to = ''] = text.slice(1).split(' ')
  return { kind: 'entries', conversation, from: Number(from), to: Number(to) }
}
