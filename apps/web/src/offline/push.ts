/** What the server puts into a push for a browser; see docs of notifications. */
interface PushPayload {
  action: 'show' | 'withdraw'
  conversation: string
  /** One for each conversation: a later notification replaces the one before. */
  tag: string
  count: number
  /** Unread messages of all conversations. */
  badge: number
  title: string
  body: string
}

interface PushEvent {
  data: { json(): unknown } | null
  waitUntil(work: Promise<unknown>): void
}

interface ClickEvent {
  notification: Notification
  waitUntil(work: Promise<unknown>): void
}

interface WindowClient {
  url: string
  focus(): Promise<unknown>
  navigate(url: string): Promise<unknown>
}

export interface PushScope {
  readonly registration: ServiceWorkerRegistration
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<WindowClient[]>
    openWindow(url: string): Promise<unknown>
  }
  readonly navigator: { setAppBadge?(count: number): Promise<void>; clearAppBadge?(): Promise<void> }
}

/** Shows a notification, or takes it back. */
export function pushed(scope: PushScope, event: PushEvent): void {
  const push = event.data?.json() as PushPayload | undefined
  if (push) event.waitUntil(take(scope, push))
}

async function take({ registration, navigator }: PushScope, push: PushPayload): Promise<void> {
  const { action, conversation, tag, badge, title, body } = push
  await (badge > 0 ? navigator.setAppBadge?.(badge) : navigator.clearAppBadge?.())?.catch(() => {})
  if (action === 'withdraw') {
    for (const shown of await registration.getNotifications({ tag })) shown.close()
    return
  }
  await registration.showNotification(title, { body, tag, icon: '/icon.svg', data: { conversation } })
}

/** A press on a notification opens its conversation, in a tab that is there if there is one. */
export function clicked({ clients }: PushScope, event: ClickEvent): void {
  const { conversation } = event.notification.data as { conversation: string }
  event.notification.close()
  const url = `/c/${encodeURIComponent(conversation)}`
  event.waitUntil(
    (async () => {
      const [tab] = await clients.matchAll({ type: 'window', includeUncontrolled: true })
      if (!tab) return clients.openWindow(url)
      await tab.focus()
      return tab.navigate(url)
    })(),
  )
}
