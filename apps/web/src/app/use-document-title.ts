import { useEffect } from 'react'

/** Unread messages in the tab's title and, where there is one, on the app's icon. */
export function useDocumentTitle(unread: number): void {
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : 'Parley'
    if (!('setAppBadge' in navigator)) return
    const told = unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge()
    // Where it is not installed there is no icon.
    told.catch(() => {})
  }, [unread])
}
