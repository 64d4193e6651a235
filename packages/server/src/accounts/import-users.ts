import type { DeviceId, UserId } from '@parley/protocol'
import type { Account, AccountStore } from './account-store.ts'
import type { DeviceRegistry } from './device-registry.ts'
import type { StoredDevice } from './device-store.ts'
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
  deps: { store: AccountStore; devices: DeviceRegistry; nextId: () => Promise<string> },
  now: number,
  count: number,
): Promise<ImportedUser[]> {
  const { store, devices, nextId } = deps
  const imported: ImportedUser[] = []
  // Their names say when, so that there can be more of them later.
  const stamp = now.toString(36)
  while (imported.length < count) {
    const accounts: Account[] = []
    const firstDevices: StoredDevice[] = []
    for (const end = Math.min(count, imported.length + batch); imported.length < end; ) {
      const username = `import_${stamp}_${imported.length + 1}`
      const account = newAccount(await nextId(), username, now)
      const { device, token } = await devices.make(account.id, { name: 'imported' })
      accounts.push(account)
      firstDevices.push(device)
      imported.push({ user: account.id, device: device.id, username, token })
    }
    await store.createAll(accounts)
    await devices.addAll(firstDevices)
  }
  return imported
}
