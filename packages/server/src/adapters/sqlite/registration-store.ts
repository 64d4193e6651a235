import type { DeviceId, PushRegistration, UserId } from '@parley/protocol'
import type { RegistrationStore, StoredRegistration } from '../../notifications/registration-store.ts'
import { registrationText } from '../../notifications/registration-text.ts'
import type { SqliteStore } from './store.ts'

export class SqliteRegistrationStore implements RegistrationStore {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async set({ user, device, registration }: StoredRegistration): Promise<void> {
    await this.#store.store([
      {
        sql: 'INSERT OR REPLACE INTO push_registrations (user, device, registration) VALUES (?, ?, ?)',
        params: [user, device, registrationText(registration)],
      },
    ])
  }

  async remove(user: UserId, device: DeviceId, only?: PushRegistration): Promise<void> {
    await this.#store.store([
      {
        sql: 'DELETE FROM push_registrations WHERE user = ? AND device = ? AND coalesce(registration = ?, true)',
        params: [user, device, only ? registrationText(only) : null],
      },
    ])
  }

  async of(users: readonly UserId[]): Promise<StoredRegistration[]> {
    const rows = await this.#store.readRaw<[string, string, string]>(
      `SELECT push.user, device, registration FROM push_registrations AS push JOIN devices ON devices.id = device
       WHERE push.user IN (SELECT value FROM json_each(?)) ORDER BY push.user, device`,
      [JSON.stringify(users)],
    )
    return rows.map(([user, device, text]) => ({ user, device, registration: JSON.parse(text) as PushRegistration }))
  }

  async any(): Promise<boolean> {
    return (await this.#store.readRaw('SELECT 1 FROM push_registrations LIMIT 1', [])).length > 0
  }
}
