import { useEffect } from 'react'
import { useConversations } from '../client/use-conversations.ts'

/** Unread messages of what is not muted, in the tab's title and, where there is one, on the app's icon. */
export function useDocumentTitle(): void {
  const conversations = useConversations()
  const now = Date.now()
  const unread = conversations
    .filter(({ settings }) => !settings.archived && (settings.mutedUntil ?? 0) <= now)
    .reduce((sum, conversation) => sum + conversation.unread, 0)
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : 'Parley'
    if ('setAppBadge' in navigator) {
      const told = unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge()
      told.catch(() => {})
    }
  }, [unread])
}
