import type { PushRegistration } from '@parley/protocol'
import webPush from 'web-push'
import type { Push, PushProvider, PushResult } from '../../notifications/push-provider.ts'
import { type Answer, EndpointClient } from './endpoint-client.ts'

export interface WebPushOptions {
  vapid: { publicKey: string; privateKey: string }
  /** How a push service reaches the operator: `mailto:` or `https:` (RFC 8292). */
  subject: string
  /** Endpoints at addresses of this machine or a private network, and who signed their certificates (PEM). */
  privateAddresses?: boolean | undefined
  ca?: string | undefined
  now: () => number
}

/** Seconds; what push services commonly keep. */
const longest = 28 * 86_400

/** Web Push (RFC 8030, 8291, 8292), which UnifiedPush speaks too: an encrypted POST to the subscription's endpoint. */
export class WebPushProvider implements PushProvider {
  readonly #vapid
  readonly #client
  readonly #now

  constructor({ vapid, subject, privateAddresses = false, ca, now }: WebPushOptions) {
    this.#vapid = { subject, ...vapid }
    this.#client = new EndpointClient({ privateAddresses, ca })
    this.#now = now
  }

  way(registration: PushRegistration): string | undefined {
    if (registration.provider !== 'webpush') return undefined
    return `webpush:${new URL(registration.subscription.endpoint).host}`
  }

  async send(registration: PushRegistration, push: Push): Promise<PushResult> {
    if (registration.provider !== 'webpush') return { outcome: 'refused', reason: 'not a registration of Web Push' }
    const { endpoint, keys } = registration.subscription
    const { action, conversation, collapseKey: tag, count, badge, title, body } = push
    const ttl = Math.min(longest, Math.max(0, Math.floor((push.expiresAt - this.#now()) / 1000)))
    let request: { headers: Record<string, string | number>; body: Uint8Array | null }
    try {
      const payload = JSON.stringify({ action, conversation, tag, count, badge, title, body })
      request = webPush.generateRequestDetails({ endpoint, keys }, payload, {
        vapidDetails: this.#vapid,
        TTL: ttl,
        topic: tag,
        urgency: action === 'show' ? 'high' : 'normal',
        contentEncoding: 'aes128gcm',
      }) as typeof request
    } catch (error) {
      // Keys that are no keys: nobody can ever read what is sent there.
      return { outcome: 'gone', reason: error instanceof Error ? error.message : String(error) }
    }
    try {
      return resultOf(await this.#client.post(endpoint, request.headers, request.body ?? new Uint8Array()))
    } catch (error) {
      return { outcome: 'later', reason: error instanceof Error ? error.message : String(error), slowDown: true }
    }
  }

  async close(): Promise<void> {
    this.#client.close()
  }
}

function resultOf({ status, location, retryAfter }: Answer): PushResult {
  if (status >= 200 && status < 300) return { outcome: 'accepted', ...(location === undefined ? {} : { id: location }) }
  const reason = String(status)
  if (status === 404 || status === 410) return { outcome: 'gone', reason }
  if (status === 429 || status >= 500) {
    return {
      outcome: 'later',
      reason,
      slowDown: true,
      ...(retryAfter === undefined ? {} : { after: retryAfter * 1000 }),
    }
  }
  // 401 and 403: the subscription was made for another key of ours, so it will never be of use.
  if (status === 401 || status === 403) return { outcome: 'gone', reason }
  return { outcome: 'refused', reason }
}
