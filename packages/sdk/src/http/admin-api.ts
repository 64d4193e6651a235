import type { AdminDevice, AdminUser, AdminUserPage, AuditPage, DeviceId, Overview, UserId } from '@parley/protocol'
import type { CallOptions, Page } from './api.ts'
import type { Http } from './http.ts'

const root = '/v1/admin'
const of = (user: UserId): string => `${root}/users/${encodeURIComponent(user)}`

/** For operators (docs/spec/operators.md). Everybody else is refused: `forbidden`. */
export class AdminApi {
  readonly #http

  constructor(http: Http) {
    this.#http = http
  }

  /** Becomes the first operator, with the token of the link that the server printed. @throws ParleyError `forbidden` */
  claim(token: string, { signal }: CallOptions = {}): Promise<AdminUser> {
    return this.#http.call({ method: 'POST', path: `${root}/claim`, body: { token }, signal })
  }

  overview({ signal }: CallOptions = {}): Promise<Overview> {
    return this.#http.call({ method: 'GET', path: `${root}/overview`, signal })
  }

  /** What operators did, the newest first. */
  audit(page: Page = {}, { signal }: CallOptions = {}): Promise<AuditPage> {
    return this.#http.call({ method: 'GET', path: `${root}/audit`, query: { ...page }, signal })
  }

  /** By the beginning of the username, in its order. */
  users(query: Page & { query?: string } = {}, { signal }: CallOptions = {}): Promise<AdminUserPage> {
    return this.#http.call({ method: 'GET', path: `${root}/users`, query: { ...query }, signal })
  }

  user(user: UserId, { signal }: CallOptions = {}): Promise<AdminUser> {
    return this.#http.call({ method: 'GET', path: of(user), signal })
  }

  async devices(user: UserId, { signal }: CallOptions = {}): Promise<AdminDevice[]> {
    const path = `${of(user)}/devices`
    return (await this.#http.call<{ items: AdminDevice[] }>({ method: 'GET', path, signal })).items
  }

  /** Logs the user out everywhere, and in nowhere, until `unsuspend`. */
  suspend(user: UserId, reason: string, { signal }: CallOptions = {}): Promise<AdminUser> {
    return this.#http.call({ method: 'PUT', path: `${of(user)}/suspension`, body: { reason }, signal })
  }

  unsuspend(user: UserId, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: `${of(user)}/suspension`, signal })
  }

  /** @returns a new password, told this once; all devices are logged out */
  async resetPassword(user: UserId, { signal }: CallOptions = {}): Promise<string> {
    const call = { method: 'POST', path: `${of(user)}/password`, body: {}, signal } as const
    return (await this.#http.call<{ password: string }>(call)).password
  }

  /** One device, or all. */
  logOut(user: UserId, device?: DeviceId, { signal }: CallOptions = {}): Promise<void> {
    const which = device === undefined ? '' : `/${encodeURIComponent(device)}`
    return this.#http.call({ method: 'DELETE', path: `${of(user)}/devices${which}`, signal })
  }

  remove(user: UserId, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: of(user), signal })
  }

  grantOperator(user: UserId, { signal }: CallOptions = {}): Promise<AdminUser> {
    return this.#http.call({ method: 'PUT', path: `${of(user)}/operator`, body: {}, signal })
  }

  /** @throws ParleyError `conflict` for the last one */
  revokeOperator(user: UserId, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: `${of(user)}/operator`, signal })
  }
}
