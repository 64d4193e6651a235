import type { PushRegistration } from '@parley/protocol'
import type { Push, PushProvider, PushResult } from '../../notifications/push-provider.ts'
import { ApnsConnection } from './connection.ts'
import { notificationOf } from './notification.ts'
import { ProviderToken } from './provider-token.ts'

/** Hosts of Apple, by the environment that an app was built for. */
export const apnsHosts = {
  production: 'https://api.push.apple.com',
  sandbox: 'https://api.sandbox.push.apple.com',
} as const

export interface ApnsOptions {
  /** The .p8 file's text. */
  key: string
  keyId: string
  teamId: string
  /** Bundle ids that the key is for. */
  topics: readonly string[]
  /** Other hosts than Apple's, and who signed their certificates (PEM). */
  hosts?: Partial<Record<keyof typeof apnsHosts, string>> | undefined
  ca?: string | undefined
  /** Milliseconds since the epoch. */
  now: () => number
}

const refusedForGood = new Set([400, 404, 405, 413])
const tokenReasons = new Set(['BadDeviceToken', 'DeviceTokenNotForTopic', 'Unregistered', 'ExpiredToken'])

/** Apple's push service over HTTP/2 with a provider token (one key of one team). */
export class ApnsProvider implements PushProvider {
  readonly #topics
  readonly #token
  readonly #connections

  constructor({ key, keyId, teamId, topics, hosts, ca, now }: ApnsOptions) {
    this.#topics = new Set(topics)
    this.#token = new ProviderToken({ key, keyId, teamId, now })
    this.#connections = {
      production: new ApnsConnection(hosts?.production ?? apnsHosts.production, ca),
      sandbox: new ApnsConnection(hosts?.sandbox ?? apnsHosts.sandbox, ca),
    }
  }

  way(registration: PushRegistration): string | undefined {
    if (registration.provider !== 'apns' || !this.#topics.has(registration.topic)) return undefined
    return `apns:${registration.topic}:${registration.environment}`
  }

  async send(registration: PushRegistration, push: Push): Promise<PushResult> {
    if (registration.provider !== 'apns') return { outcome: 'refused', reason: 'not a registration of APNs' }
    const { headers, body } = notificationOf(push, registration.topic)
    const connection = this.#connections[registration.environment]
    const path = `/3/device/${registration.token}`
    try {
      const token = await this.#token.get()
      const answer = await connection.post(path, { ...headers, authorization: `bearer ${token}` }, body)
      if (answer.status === 403 && answer.reason === 'ExpiredProviderToken') this.#token.renew(token)
      return resultOf(answer)
    } catch (error) {
      return { outcome: 'later', reason: error instanceof Error ? error.message : String(error), slowDown: true }
    }
  }

  async close(): Promise<void> {
    for (const connection of Object.values(this.#connections)) connection.close()
  }
}

interface Answer {
  status: number
  id: string | undefined
  reason: string | undefined
  /** Seconds. */
  retryAfter: number | undefined
}

function resultOf({ status, id, reason = String(status), retryAfter }: Answer): PushResult {
  if (status === 200) return id === undefined ? { outcome: 'accepted' } : { outcome: 'accepted', id }
  if (status === 410 || tokenReasons.has(reason)) return { outcome: 'gone', reason }
  if (refusedForGood.has(status)) return { outcome: 'refused', reason }
  // 429 is about this device; 403 and 5xx about all of them.
  const slowDown = status !== 429
  return { outcome: 'later', reason, slowDown, ...(retryAfter === undefined ? {} : { after: retryAfter * 1000 }) }
}
