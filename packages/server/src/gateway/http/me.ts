import {
  accountDeleteSchema,
  deviceSchema,
  idSchema,
  passwordChangeSchema,
  profilePatchSchema,
  userSchema,
  userSettingsSchema,
} from '@parley/protocol'
import { z } from 'zod'
import type { AccountService } from '../../accounts/account-service.ts'
import type { DeviceRegistry } from '../../accounts/device-registry.ts'
import type { ChangesPictures } from '../../media/pictures.ts'
import { type AnyRoute, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const reading: RouteLimit = { name: 'me-read', by: 'user', points: 600, seconds: 60 }
const changing: RouteLimit = { name: 'me-change', by: 'user', points: 120, seconds: 60 }
const proving: RouteLimit = { name: 'password-check', by: 'user', points: 20, seconds: 60 }

/** My own account. `lastSeenMessageIds`: newest message acknowledged by each device of a user. */
export function meRoutes(services: {
  accounts: AccountService
  devices: DeviceRegistry
  pictures: ChangesPictures
  lastSeenMessageIds: (user: string) => Promise<ReadonlyMap<string, string>>
}): AnyRoute[] {
  const { accounts, devices, lastSeenMessageIds, pictures } = services
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/me',
      summary: 'My profile',
      auth: 'device',
      limits: [reading],
      answer: userSchema,
      handle: async ({ identity }) => ok(await accounts.profile(identity.user)),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/me',
      summary: 'Change my profile',
      auth: 'device',
      limits: [changing],
      body: profilePatchSchema,
      answer: userSchema,
      handle: async ({ identity: { user }, body }) =>
        ok(await pictures.ofUser(user, body.avatar, () => accounts.patchProfile(user, body))),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/me',
      summary: 'Delete my account; needs the password',
      auth: 'device',
      limits: [proving],
      body: accountDeleteSchema,
      handle: async ({ identity, body }) => {
        await accounts.erase(identity, body.password)
        return noContent()
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/me/password',
      summary: 'Change my password; the other devices are logged out',
      auth: 'device',
      limits: [proving],
      body: passwordChangeSchema,
      handle: async ({ identity, body }) => {
        await accounts.changePassword(identity, body.current, body.password)
        return noContent()
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/me/settings',
      summary: 'My privacy and notification settings',
      auth: 'device',
      limits: [reading],
      answer: userSettingsSchema,
      handle: async ({ identity }) => ok(await accounts.settings(identity.user)),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/me/settings',
      summary: 'Change my settings',
      auth: 'device',
      limits: [changing],
      body: userSettingsSchema,
      answer: userSettingsSchema,
      handle: async ({ identity, body }) => ok(await accounts.patchSettings(identity.user, body)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/me/devices',
      summary: 'My devices',
      auth: 'device',
      limits: [reading],
      answer: z.object({ items: z.array(deviceSchema) }),
      handle: async ({ identity: { user, device } }) =>
        ok({ items: await devices.list(user, device, await lastSeenMessageIds(user)) }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/me/devices/:id',
      summary: 'Log another of my devices out',
      auth: 'device',
      limits: [changing],
      params: z.object({ id: idSchema }),
      handle: async ({ identity, params }) => {
        await devices.remove(identity.user, params.id)
        return noContent()
      },
    }),
  ]
}
