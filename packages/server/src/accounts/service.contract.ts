import type { DeviceId, SessionAnswer, UserId } from '@parley/protocol'
import { MemoryAccountStore } from '../adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../adapters/memory/block-store.ts'
import { MemoryDeviceStore } from '../adapters/memory/device-store.ts'
import { MemoryRateLimiter } from '../adapters/memory/rate-limiter.ts'
import { MemoryUsers } from '../adapters/memory/users.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { unique } from '../lib/stores.contract.ts'
import { AccountService } from './account-service.ts'
import { Credentials } from './credentials.ts'
import { DeviceRegistry } from './device-registry.ts'
import { Directory } from './directory.ts'
import type { AccountNode } from './fixtures.contract.ts'
import type { PasswordHasher } from './passwords.ts'
import { PasswordThrottle } from './throttle.ts'

export const password = 'long enough'
export const phone = { name: 'phone', platform: 'ios' }

/** Hashes that can be read, and differ for the same password as real ones do. */
export function plainHasher(): PasswordHasher & { checks: number } {
  let salt = 0
  const hasher = {
    checks: 0,
    hash: async (text: string) => `${++salt}:${text}`,
    verify: async (text: string, stored: string | undefined) => {
      hasher.checks++
      return stored?.slice(stored.indexOf(':') + 1) === text
    },
  }
  return hasher
}

/** The stores of the user service in memory. */
export function memoryAccounts(users = new MemoryUsers()): AccountNode {
  return {
    accounts: new MemoryAccountStore(users),
    devices: new MemoryDeviceStore(users),
    blocks: new MemoryBlockStore(users),
  }
}

/** The user service as a node has it, over stores in memory. */
export function openAccounts(
  given: { stores?: AccountNode; hasher?: PasswordHasher; limited?: boolean; time?: number } = {},
) {
  const { stores = memoryAccounts(), hasher = plainHasher(), limited = false, time } = given
  const clock = new ManualClock()
  const limiter = new MemoryRateLimiter(clock)
  const online = new Map<UserId, DeviceId[]>()
  let ids = 0
  const nextId = async () => String(++ids)
  const directory = new Directory({ store: stores.accounts, blocks: stores.blocks, clock, time })
  const devices = new DeviceRegistry({
    store: stores.devices,
    clock,
    random: seededRandom(3),
    nextId,
    connected: (user) => online.get(user) ?? [],
  })
  const throttle = new PasswordThrottle({
    tries: (name) => (limited ? limiter.take({ points: 30, seconds: 60 }, 'tries', name) : 0),
    failures: (name) => (limited ? limiter.take({ points: 10, seconds: 300 }, 'failures', name) : 0),
    clock,
  })
  const credentials = new Credentials({ store: stores.accounts, hasher, throttle })
  const { accounts: store, blocks } = stores
  const accounts = new AccountService({ store, blocks, directory, devices, credentials, clock, nextId })
  const revoked: [DeviceId, string][] = []
  const told: [UserId, { added?: DeviceId; removed?: DeviceId }][] = []
  devices.listen({
    revoked: ({ device, reason }) => revoked.push([device, reason]),
    changed: (user, { at: _, ...change }) => told.push([user, change]),
  })
  const register = (username = unique('u')): Promise<SessionAnswer> =>
    accounts.register({ username, password, device: phone })
  const logIn = ({ user }: SessionAnswer, given = password): Promise<SessionAnswer> =>
    accounts.logIn({ username: user.username, password: given, device: { name: 'laptop' } })
  return { stores, clock, online, directory, devices, accounts, revoked, told, register, logIn }
}

export const identityOf = ({ user, device }: SessionAnswer) => ({ user: user.id, device: device.id })
