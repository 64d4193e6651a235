import type { Conversation } from '@parley/client'
import type { Words } from '../words/words.ts'

/** What a conversation is called here: a group's title, the other's name. */
export function nameOf({ kind, title, peer }: Conversation, words: Words): string {
  if (kind === 'group') return title ?? words.inbox.unnamed
  return peer ? peer.displayName || peer.username : words.inbox.unnamed
}
