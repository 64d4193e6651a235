import type { PushRegistration } from '@parley/protocol'
import { z } from 'zod'
import type { Push, PushProvider, PushResult } from '../../notifications/push-provider.ts'
import { messageOf } from './message.ts'
import { AccessToken, type ServiceAccount } from './service-account.ts'

export interface FcmApp {
  /** What registrations call it. */
  name: string
  account: ServiceAccount
  /** Another host than Google's. */
  host?: string | undefined
}

const googleHost = 'https://fcm.googleapis.com'
const answerTime = 10_000
const errorSchema = z.object({
  error: z.object({
    status: z.string().optional(),
    details: z.array(z.object({ errorCode: z.string().optional() })).optional(),
  }),
})
const acceptedSchema = z.object({ name: z.string() })

/** Firebase Cloud Messaging, HTTP v1: one POST for each notification, by a service account of each app. */
export class FcmProvider implements PushProvider {
  readonly #apps
  readonly #first
  readonly #now

  constructor(apps: readonly FcmApp[], now: () => number) {
    this.#now = now
    this.#apps = new Map(
      apps.map(({ name, account, host = googleHost }) => [
        name,
        { token: new AccessToken(account, now), url: `${host}/v1/projects/${account.project_id}/messages:send` },
      ]),
    )
    this.#first = apps[0]?.name
  }

  way(registration: PushRegistration): string | undefined {
    const name = this.#nameOf(registration)
    return name === undefined || !this.#apps.has(name) ? undefined : `fcm:${name}`
  }

  async send(registration: PushRegistration, push: Push): Promise<PushResult> {
    const app = this.#apps.get(this.#nameOf(registration) ?? '')
    if (!app || registration.provider !== 'fcm') return { outcome: 'refused', reason: 'not a registration of FCM' }
    try {
      const response = await fetch(app.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${await app.token.get()}`, 'content-type': 'application/json' },
        body: JSON.stringify({ message: messageOf(push, registration.token, this.#now()) }),
        redirect: 'error',
        signal: AbortSignal.timeout(answerTime),
      })
      if (response.status === 401) app.token.renew()
      return await resultOf(response)
    } catch (error) {
      return { outcome: 'later', reason: error instanceof Error ? error.message : String(error), slowDown: true }
    }
  }

  async close(): Promise<void> {}

  #nameOf(registration: PushRegistration): string | undefined {
    return registration.provider === 'fcm' ? (registration.app ?? this.#first) : undefined
  }
}

async function resultOf(response: Response): Promise<PushResult> {
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok) {
    const accepted = acceptedSchema.safeParse(body)
    return accepted.success ? { outcome: 'accepted', id: accepted.data.name } : { outcome: 'accepted' }
  }
  const told = errorSchema.safeParse(body).data?.error
  const reason = told?.details?.find(({ errorCode }) => errorCode)?.errorCode ?? told?.status ?? String(response.status)
  if (reason === 'UNREGISTERED' || response.status === 404) return { outcome: 'gone', reason }
  if (response.status === 400) return { outcome: 'refused', reason }
  // The sender id does not belong to the app of the token: it never will.
  if (reason === 'SENDER_ID_MISMATCH') return { outcome: 'gone', reason }
  const seconds = Number(response.headers.get('retry-after'))
  return { outcome: 'later', reason, slowDown: true, ...(seconds > 0 ? { after: seconds * 1000 } : {}) }
}
