import { loginBodySchema, registerBodySchema, sessionAnswerSchema } from '@parley/protocol'
import type { AccountService } from '../../accounts/account-service.ts'
import { type AnyRoute, created, defineRoute, noContent, type RouteLimit } from './route.ts'

const registering: RouteLimit = { name: 'register', by: 'address', points: 600, seconds: 600 }
const loggingIn: RouteLimit = { name: 'log-in', by: 'address', points: 120, seconds: 60 }

/** Coming in and going out. */
export function accountRoutes(accounts: AccountService): AnyRoute[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/accounts',
      summary: 'Register a user with a first device',
      auth: 'none',
      limits: [registering],
      body: registerBodySchema,
      answer: sessionAnswerSchema,
      handle: async ({ body }) => created(await accounts.register(body)),
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/sessions',
      summary: 'Log in on a new device',
      auth: 'none',
      limits: [loggingIn],
      body: loginBodySchema,
      answer: sessionAnswerSchema,
      handle: async ({ body }) => created(await accounts.logIn(body)),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/sessions/current',
      summary: 'Log this device out',
      auth: 'device',
      limits: [],
      handle: async ({ identity }) => {
        await accounts.logOut(identity)
        return noContent()
      },
    }),
  ]
}
