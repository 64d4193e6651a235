import type { DeviceId, UserId } from '@parley/protocol'
import type { Account, AccountStore, StoredDevice } from './account-store.ts'
import type { DeviceRegistry } from './device-registry.ts'
import { newAccount } from './new-account.ts'

export interface ImportedUser {
  user: UserId
  device: DeviceId
  username: string
  token: string
}

const batch = 2000

/** Users with one device and a token each, without a password; for load tests. */
export async function importUsers(
  deps: { store: AccountStore; devices: DeviceRegistry; nextId: () => string },
  now: number,
  count: number,
): Promise<ImportedUser[]> {
  const { store, devices, nextId } = deps
  const imported: ImportedUser[] = []
  // Their names say when, so that there can be more of them later.
  const stamp = now.toString(36)
  while (imported.length < count) {
    const rows: { account: Account; device: StoredDevice }[] = []
    for (const end = Math.min(count, imported.length + batch); imported.length < end; ) {
      const username = `import_${stamp}_${imported.length + 1}`
      const account = newAccount(nextId(), username, now)
      const { device, token } = devices.make(account.id, { name: 'imported' })
      rows.push({ account, device })
      imported.push({ user: account.id, device: device.id, username, token })
    }
    await store.importAll(rows)
  }
  return imported
}
