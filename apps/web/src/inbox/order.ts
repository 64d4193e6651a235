import type { Conversation } from '@parley/client'

/** Pinned ones first; within each, as given: newest activity first. */
export function inOrder(conversations: readonly Conversation[], archived: boolean): readonly Conversation[] {
  const shown = conversations.filter(({ settings }) => Boolean(settings.archived) === archived)
  const pinned = shown.filter(({ settings }) => settings.pinned)
  return pinned.length === 0 ? shown : [...pinned, ...shown.filter(({ settings }) => !settings.pinned)]
}

export function isMuted({ settings }: Pick<Conversation, 'settings'>, now: number): boolean {
  return (settings.mutedUntil ?? 0) > now
}

/** Unread messages of conversations that may call for attention. */
export function unreadIn(conversations: readonly Conversation[], now: number): number {
  return conversations
    .filter((conversation) => !conversation.settings.archived && !isMuted(conversation, now))
    .reduce((sum, { unread }) => sum + unread, 0)
}
