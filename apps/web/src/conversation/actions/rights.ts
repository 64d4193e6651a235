import type { Conversation } from '@parley/client'
import type { Message } from '@parley/protocol'

/** As the server has them by default; it decides. */
const editTime = 15 * 60_000
const deleteTime = 60 * 3_600_000

export function mayEdit(message: Message, own: boolean, now = Date.now()): boolean {
  return own && 'text' in message.content && message.content.text !== undefined && now - message.sentAt < editTime
}

/** For everyone. */
export function mayDelete(message: Message, own: boolean, { role, kind }: Conversation, now = Date.now()): boolean {
  if (message.deletedAt !== undefined || role === null) return false
  const leads = kind === 'group' && (role === 'owner' || role === 'admin')
  return leads || (own && now - message.sentAt < deleteTime)
}
