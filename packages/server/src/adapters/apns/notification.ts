import type { Push } from '../../notifications/push-provider.ts'

/** A push as Apple wants it: headers of the request and the JSON of its body (at most 4 KiB). */
export function notificationOf(push: Push, topic: string): { headers: Record<string, string>; body: string } {
  const headers = {
    'apns-topic': topic,
    'apns-collapse-id': push.collapseKey,
    'apns-expiration': String(Math.floor(push.expiresAt / 1000)),
  }
  const parley = {
    action: push.action,
    conversation: push.conversation,
    collapseKey: push.collapseKey,
    badge: push.badge,
  }
  if (push.action === 'withdraw') {
    // The app is woken in the background and takes its notification away. Apple allows few of these an hour, and nothing
    // in `aps` that a user would notice: the app sets its badge itself.
    const body = JSON.stringify({ aps: { 'content-available': 1 }, parley })
    return { headers: { ...headers, 'apns-push-type': 'background', 'apns-priority': '5' }, body }
  }
  const aps = {
    alert: { title: push.title, body: push.body },
    badge: push.badge,
    sound: 'default',
    'thread-id': push.conversation,
    'mutable-content': 1,
  }
  return {
    headers: { ...headers, 'apns-push-type': 'alert', 'apns-priority': '10' },
    body: JSON.stringify({ aps, parley: { ...parley, count: push.count } }),
  }
}
