import type { Device, DeviceId, User, UserId, UserSettings } from '@parley/protocol'
import type { CallOptions } from './api.ts'
import type { Http } from './http.ts'

/** Where notifications of this device go. `subscription` is what a browser's push manager gives. */
export type PushRegistration =
  | { provider: 'webpush'; subscription: object }
  | { provider: 'apns'; token: string; topic: string; environment: 'production' | 'sandbox' }
  | { provider: 'fcm'; token: string; app?: string }

const block = (user: UserId): string => `/v1/me/blocks/${encodeURIComponent(user)}`
const pushPath = '/v1/me/devices/current/push'

/** My account: profile, settings, devices, blocks, and the search for users. */
export class AccountApi {
  readonly #http
  readonly #changed

  constructor(http: Http, changed: (user: User) => Promise<void>) {
    this.#http = http
    this.#changed = changed
  }

  async me({ signal }: CallOptions = {}): Promise<User> {
    const user = await this.#http.call<User>({ method: 'GET', path: '/v1/me', signal })
    await this.#changed(user)
    return user
  }

  /** `avatar`: a media id, null for none. */
  async update(changes: { displayName?: string; avatar?: string | null }, { signal }: CallOptions = {}): Promise<User> {
    const user = await this.#http.call<User>({ method: 'PATCH', path: '/v1/me', body: changes, signal })
    await this.#changed(user)
    return user
  }

  /** Leaves all groups and ends every device. My messages stay, under a user without a name. */
  remove(password: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: '/v1/me', body: { password }, signal })
  }

  /** My other devices are logged out by it. */
  changePassword(current: string, password: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'POST', path: '/v1/me/password', body: { current, password }, signal })
  }

  settings({ signal }: CallOptions = {}): Promise<UserSettings> {
    return this.#http.call({ method: 'GET', path: '/v1/me/settings', signal })
  }

  setSettings(changes: UserSettings, { signal }: CallOptions = {}): Promise<UserSettings> {
    return this.#http.call({ method: 'PATCH', path: '/v1/me/settings', body: changes, signal })
  }

  async devices({ signal }: CallOptions = {}): Promise<Device[]> {
    return (await this.#http.call<{ items: Device[] }>({ method: 'GET', path: '/v1/me/devices', signal })).items
  }

  /** Logs a device of mine out, within a second. */
  removeDevice(id: DeviceId, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: `/v1/me/devices/${encodeURIComponent(id)}`, signal })
  }

  setPush(registration: PushRegistration, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'PUT', path: pushPath, body: registration, signal })
  }

  removePush({ signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: pushPath, signal })
  }

  async blocks({ signal }: CallOptions = {}): Promise<User[]> {
    return (await this.#http.call<{ items: User[] }>({ method: 'GET', path: '/v1/me/blocks', signal })).items
  }

  block(user: UserId, { signal }: CallOptions = {}): Promise<User> {
    return this.#http.call({ method: 'PUT', path: block(user), signal })
  }

  unblock(user: UserId, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: block(user), signal })
  }

  /** Users whose username is, or starts with, `query`. */
  async findUsers(query: string, { signal }: CallOptions = {}): Promise<User[]> {
    return (await this.#http.call<{ items: User[] }>({ method: 'GET', path: '/v1/users', query: { query }, signal }))
      .items
  }
}
