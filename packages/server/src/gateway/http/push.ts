import { type PushRegistration, pushRegistrationSchema } from '@parley/protocol'
import type { Identity } from '../../accounts/identity.ts'
import { type AnyRoute, created, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const registering: RouteLimit = { name: 'push-register', by: 'device', points: 30, seconds: 60 }

/** Where notifications of this device go. */
export function pushRoutes(registrations: {
  set(identity: Identity, registration: PushRegistration): Promise<boolean>
  remove(user: string, device: string): Promise<void>
}): AnyRoute[] {
  const path = '/v1/me/devices/current/push'
  return [
    defineRoute({
      method: 'PUT',
      path,
      summary: 'Notify this device by a browser’s push service, APNs or FCM; again when its token changed',
      auth: 'device',
      limits: [registering],
      body: pushRegistrationSchema,
      answer: pushRegistrationSchema,
      handle: async ({ identity, body }) => {
        return (await registrations.set(identity, body)) ? created(body) : ok(body)
      },
    }),
    defineRoute({
      method: 'DELETE',
      path,
      summary: 'Do not notify this device any more',
      auth: 'device',
      limits: [registering],
      handle: async ({ identity }) => {
        await registrations.remove(identity.user, identity.device)
        return noContent()
      },
    }),
  ]
}
