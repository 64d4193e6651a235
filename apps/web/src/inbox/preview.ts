import type { Message } from '@parley/protocol'
import type { Words } from '../words/words.ts'

/** A message in one line. */
export function previewOf({ content, deletedAt }: Pick<Message, 'content' | 'deletedAt'>, words: Words): string {
  if (deletedAt !== undefined) return words.inbox.deleted
  if ('sealed' in content && content.sealed !== undefined) return words.inbox.sealed
  if ('text' in content && content.text) return content.text
  if ('media' in content && content.media) return content.media.caption || mediaWord(content.media.type, words)
  if ('location' in content && content.location) return content.location.name ?? words.inbox.location
  if ('contact' in content && content.contact) return `${words.inbox.contact}: ${content.contact.name}`
  return ''
}

function mediaWord(type: string | undefined, { inbox }: Words): string {
  if (type?.startsWith('image/')) return inbox.photo
  if (type?.startsWith('video/')) return inbox.video
  if (type?.startsWith('audio/')) return inbox.voice
  return inbox.file
}
