import { AccountService } from '../accounts/account-service.ts'
import type { AccountStore } from '../accounts/account-store.ts'
import type { BlockStore } from '../accounts/block-store.ts'
import { Credentials } from '../accounts/credentials.ts'
import { DeviceRegistry } from '../accounts/device-registry.ts'
import type { DeviceStore } from '../accounts/device-store.ts'
import { Directory } from '../accounts/directory.ts'
import type { PasswordHasher } from '../accounts/passwords.ts'
import { PasswordThrottle } from '../accounts/throttle.ts'
import type { RateLimiter } from '../gateway/rate-limiter.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'

/** Passwords tried for one name, whoever tries; and wrong ones. */
const passwordTries = { points: 30, seconds: 60 }
const passwordFailures = { points: 10, seconds: 300 }

/** What the user service stands on. */
export interface AccountPorts {
  accounts: AccountStore
  devices: DeviceStore
  blocks: BlockStore
  limiter: RateLimiter
}

export interface AccountServices {
  accounts: AccountService
  devices: DeviceRegistry
  directory: Directory
}

export function createAccountServices(options: {
  ports: AccountPorts
  clock: Clock
  random: Random
  hasher: PasswordHasher
  nextId: () => Promise<string>
  /** Milliseconds for which users are kept at hand; for good where nobody else changes them. */
  time?: number | undefined
  /** Devices of a user that are seen right now. */
  connected: (user: string) => readonly string[]
}): AccountServices {
  const { ports, clock, random, hasher, nextId, connected } = options
  const { accounts: store, blocks } = ports
  const directory = new Directory({ store, blocks, clock, time: options.time })
  const devices = new DeviceRegistry({ store: ports.devices, clock, random, nextId, connected })
  const throttle = new PasswordThrottle({
    tries: (name) => ports.limiter.take(passwordTries, 'password-tries', name),
    failures: (name) => ports.limiter.take(passwordFailures, 'password-failures', name),
    clock,
  })
  const credentials = new Credentials({ store, hasher, throttle })
  const accounts = new AccountService({ store, blocks, directory, devices, credentials, clock, nextId })
  return { accounts, devices, directory }
}
