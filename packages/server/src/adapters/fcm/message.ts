import type { Push } from '../../notifications/push-provider.ts'

/** Seconds; FCM keeps nothing for longer than four weeks. */
const longest = 28 * 86_400

/** A push as FCM v1 wants it (`message`). */
export function messageOf(push: Push, token: string, now: number): object {
  const { action, conversation, collapseKey, count, badge, title, body } = push
  const ttl = `${Math.min(longest, Math.max(0, Math.floor((push.expiresAt - now) / 1000)))}s`
  // Values of `data` are strings.
  const data = { action, conversation, collapseKey, count: String(count), badge: String(badge) }
  if (action === 'withdraw') {
    // Without `notification` the app itself is woken, and takes away what it shows under this tag.
    return { token, data, android: { collapse_key: collapseKey, priority: 'NORMAL', ttl } }
  }
  const notification = { tag: collapseKey, notification_count: badge }
  return {
    token,
    data,
    notification: { title, body },
    android: { collapse_key: collapseKey, priority: 'HIGH', ttl, notification },
  }
}
