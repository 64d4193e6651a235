import type { AccountService } from '../accounts/account-service.ts'
import { Argon2Hasher } from '../accounts/passwords.ts'
import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import type { Operators } from '../operators/operators.ts'
import { createLogger } from './logging.ts'
import type { Settings } from './options.ts'
import { openPlatform } from './platform.ts'
import { createServices } from './services.ts'

/** The user service of a data folder whose server is not running. @throws FolderInUseError when it is */
export async function withAccounts<Result>(
  settings: Settings,
  use: (accounts: AccountService, operators: Operators) => Promise<Result>,
): Promise<Result> {
  const world = { clock: systemClock, random: systemRandom, logger: createLogger(settings.logLevel), crashAt: {} }
  const platform = await openPlatform(settings, {
    ...world,
    onBroken: (reason) => {
      throw new Error(`the data file cannot be written: ${reason}`)
    },
  })
  try {
    const { ports, secrets } = platform
    const { ticketKey, epoch } = secrets
    const services = createServices({
      ...world,
      ports,
      hasher: new Argon2Hasher(systemRandom),
      ticketKey,
      epoch,
      heartbeat: 30_000,
      publicUrl: () => '',
    })
    await services.ids.keepAhead()
    const result = await use(services.accounts, services.operators)
    await services.flush()
    services.ids.close()
    return result
  } finally {
    await platform.close()
  }
}
