import type { AccountApi, AdminApi, Api, Client, ConversationHandle, MediaApi, Presence } from '@parley/client'
import type { ConversationId } from '@parley/protocol'

/** The methods of an object as they are across tabs: every answer is awaited. */
type Remote<T> = {
  [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never
}

type OwnCalls = Remote<Pick<Client, 'register' | 'logIn' | 'logOut' | 'forget' | 'learnUsers' | 'starred'>> & {
  direct(...args: Parameters<Client['direct']>): Promise<ConversationId>
  createGroup(...args: Parameters<Client['createGroup']>): Promise<ConversationId>
}

/** What can be asked of this browser's one client, from any tab. */
export interface Calls extends OwnCalls {
  conversation(id: ConversationId): Remote<ConversationHandle>
  account: Remote<AccountApi>
  api: Remote<Api>
  media: Remote<MediaApi>
  admin: Remote<AdminApi>
  presence: Remote<Pick<Presence, 'of'>>
}

/** Where a call goes: an object of the client, the conversation's id, the method. */
export interface CallTarget {
  on: 'client' | 'conversation' | 'account' | 'api' | 'media' | 'admin' | 'presence'
  id?: ConversationId
  method: string
}

export type Call = (target: CallTarget, args: unknown[]) => Promise<unknown>

function remote<T>(call: Call, target: Omit<CallTarget, 'method'>): T {
  return new Proxy({} as object, {
    get:
      (_, method) =>
      (...args: unknown[]) =>
        call({ ...target, method: String(method) }, args),
  }) as T
}

/** `Calls` over `call`, wherever that leads. */
export function callsOver(call: Call): Calls {
  const own = remote<OwnCalls>(call, { on: 'client' })
  return {
    register: (account, options) => own.register(account, options),
    logIn: (credentials, options) => own.logIn(credentials, options),
    logOut: (options) => own.logOut(options),
    forget: () => own.forget(),
    learnUsers: (users, options) => own.learnUsers(users, options),
    starred: (query) => own.starred(query),
    direct: (user, options) => own.direct(user, options),
    createGroup: (group, options) => own.createGroup(group, options),
    conversation: (id) => remote(call, { on: 'conversation', id }),
    account: remote(call, { on: 'account' }),
    api: remote(call, { on: 'api' }),
    media: remote(call, { on: 'media' }),
    admin: remote(call, { on: 'admin' }),
    presence: remote(call, { on: 'presence' }),
  }
}

/** Does a call with the client itself. */
export async function perform(client: Client, { on, id = '', method }: CallTarget, args: unknown[]): Promise<unknown> {
  const target: object =
    on === 'client' ? client : on === 'conversation' ? client.conversation(id) : (client[on] as object)
  const run = (target as Record<string, (...args: unknown[]) => unknown>)[method]
  if (typeof run !== 'function') throw new TypeError(`There is no ${on}.${method}.`)
  const result = await run.apply(target, args)
  if (on !== 'client') return result
  if (method === 'register' || method === 'logIn') client.connect()
  return method === 'direct' || method === 'createGroup' ? (result as ConversationHandle).id : result
}
