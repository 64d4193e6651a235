import type { DeviceId, PushRegistration, UserId } from '@parley/protocol'
import type { RegistrationStore, StoredRegistration } from '../../notifications/registration-store.ts'
import { registrationText } from '../../notifications/registration-text.ts'
import type { Shards } from './shards.ts'

const set = {
  name: 'push-registration-set',
  text: `INSERT INTO push_registrations (user_id, device_id, registration) VALUES ($1, $2, $3)
ON CONFLICT (user_id, device_id) DO UPDATE SET registration = excluded.registration`,
}
const remove = {
  name: 'push-registration-remove',
  text: `DELETE FROM push_registrations
WHERE user_id = $1 AND device_id = $2 AND ($3::text IS NULL OR registration = $3)`,
}
const ofUsers = {
  name: 'push-registrations-of',
  text: `SELECT push.user_id, device_id, registration FROM push_registrations AS push
JOIN devices ON devices.user_id = push.user_id AND devices.id = device_id
WHERE push.user_id = ANY($1::text[]) ORDER BY push.user_id, device_id`,
}

const any = { name: 'push-registrations-any', text: 'SELECT 1 AS one FROM push_registrations LIMIT 1' }

interface Row {
  user_id: string
  device_id: string
  registration: string
}

export class PostgresRegistrationStore implements RegistrationStore {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async set({ user, device, registration }: StoredRegistration): Promise<void> {
    await this.#shards.run(user, set, [user, device, registrationText(registration)])
  }

  async remove(user: UserId, device: DeviceId, only?: PushRegistration): Promise<void> {
    await this.#shards.run(user, remove, [user, device, only ? registrationText(only) : null])
  }

  async of(users: readonly UserId[]): Promise<StoredRegistration[]> {
    const groups = this.#shards.group(users, (user) => user)
    const rows = await Promise.all(groups.map(([{ database }, some]) => database.run<Row>(ofUsers, [some])))
    return rows.flat().map(({ user_id: user, device_id: device, registration }) => ({
      user,
      device,
      registration: JSON.parse(registration) as PushRegistration,
    }))
  }

  async any(): Promise<boolean> {
    return (await this.#shards.everywhere(({ database }) => database.run(any, []))).length > 0
  }
}
