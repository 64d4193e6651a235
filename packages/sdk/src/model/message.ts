import type { Message, MessageUpdate } from '@parley/protocol'
import type { Amending, StoredMessage } from '../store/records.ts'

export function fromUpdate({ kind: _, ...message }: MessageUpdate): StoredMessage {
  return message
}

/** A message as a page of the history shows it: what amended it has no seq there, any later entry wins. */
export function fromPage({ reactions, editedAt, starredAt, ...message }: Message): StoredMessage {
  const stored: StoredMessage = message
  if (editedAt !== undefined) stored.edit = { seq: 0, at: editedAt }
  if (starredAt !== undefined) stored.star = { on: true, at: starredAt }
  const given = Object.entries(reactions ?? {}).flatMap(([emoji, users]) => users.map((user) => ({ emoji, user })))
  for (const [index, { emoji, user }] of given.entries()) {
    stored.reactions ??= {}
    // Below every real seq, and in the order of the page.
    stored.reactions[user] = { emoji, seq: index - given.length }
  }
  return stored
}

/** Folds an amendment into its message: the later entry wins, a deletion is final; order and repeats do not matter. */
export function amend(message: StoredMessage, amendment: Amending): StoredMessage {
  if (amendment.kind === 'hidden') return { ...message, hidden: true }
  if (amendment.kind === 'star') {
    const { starred: on, at } = amendment
    return message.star && message.star.at > at ? message : { ...message, star: { on, at } }
  }
  if (amendment.kind === 'delete') {
    const { edit, reactions, mentions, ...rest } = message
    return { ...rest, content: {}, deletedAt: amendment.at }
  }
  if (message.deletedAt !== undefined) return message
  if (amendment.kind === 'edit') {
    if (message.edit && message.edit.seq >= amendment.seq) return message
    return { ...message, content: amendment.content, edit: { seq: amendment.seq, at: amendment.at } }
  }
  const { user, emoji, seq } = amendment
  const known = message.reactions?.[user]
  if (known && known.seq >= seq) return message
  return { ...message, reactions: { ...message.reactions, [user]: { emoji, seq } } }
}

/** The message as it is shown, or undefined when it is hidden. */
export function shown(stored: StoredMessage): Message | undefined {
  const { edit, reactions, hidden, star, ...message } = stored
  if (hidden) return undefined
  const view: Message = message
  if (edit) view.editedAt = edit.at
  if (star?.on && view.deletedAt === undefined) view.starredAt = star.at
  const given = Object.entries(reactions ?? {}).sort(([, a], [, b]) => a.seq - b.seq)
  for (const [user, { emoji }] of given) {
    if (emoji === null) continue
    view.reactions ??= {}
    const users = view.reactions[emoji] ?? []
    view.reactions[emoji] = users
    users.push(user)
  }
  return view
}
