import { describeStorage, readConfig, type SettingsInput, withAccounts } from '@parley/server'
import { Command } from 'commander'
import { Failure, UsageError } from '../failure.ts'

/** `parley admin`: for the operator. On a data folder while its server is stopped; on a cluster beside its nodes. */
export function adminCommand(): Command {
  const admin = new Command('admin').description(
    'Operate on a data folder while its server is stopped, or, where DATABASE_URL and the like name the engines of a cluster, beside its nodes',
  )
  admin
    .command('import')
    .description('Make users with one device and token each, without a password; prints a JSON line for each')
    .requiredOption('--users <count>', 'how many')
    .option('--data <folder>', 'data folder')
    .action(async ({ users, data }: { users: string; data?: string }) => {
      const count = Number(users)
      if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
        throw new UsageError('--users: a number from 1 to 1000000.')
      const settings = settingsOf(data)
      const rows = await withAccounts(settings, (accounts) => accounts.importUsers(count))
      process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
      process.stderr.write(`Made ${rows.length} users in ${describeStorage(settings)}.\n`)
    })
  admin
    .command('reset-password <username>')
    .description('Give a user a new password and log all their devices out; the password is read from standard input')
    .option('--data <folder>', 'data folder')
    .action(async (username: string, { data }: { data?: string }) => {
      const password = (await readInput()).trim()
      if (password.length < 10)
        throw new UsageError('A password has at least 10 characters. Give it on standard input.')
      const settings = settingsOf(data)
      await withAccounts(settings, async (_, operators) => {
        await operators.resetPassword(username, password).catch((error: unknown) => {
          throw isNotFound(error)
            ? new Failure(`There is no user "${username}" in ${describeStorage(settings)}.`)
            : error
        })
      })
      process.stdout.write(
        `The password of ${username} was changed in ${describeStorage(settings)}; their devices are logged out.\n`,
      )
    })
  for (const [name, operator, description] of [
    ['grant-operator', true, 'Make a user an operator of the service (docs/spec/operators.md)'],
    ['revoke-operator', false, 'A user is an operator no more'],
  ] as const) {
    admin
      .command(`${name} <username>`)
      .description(description)
      .option('--data <folder>', 'data folder')
      .action(async (username: string, { data }: { data?: string }) => {
        const settings = settingsOf(data)
        await withAccounts(settings, async (_, operators) => {
          await operators.set(username, operator).catch((error: unknown) => {
            throw isNotFound(error)
              ? new Failure(`There is no user "${username}" in ${describeStorage(settings)}.`)
              : error
          })
        })
        const what = operator ? 'is an operator' : 'is no operator'
        process.stdout.write(`${username} ${what} in ${describeStorage(settings)}.\n`)
      })
  }
  return admin
}

const isNotFound = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'not_found'

function settingsOf(data: string | undefined) {
  const flags: SettingsInput = data === undefined ? {} : { data }
  // The engines have more to tell than whoever asks for one thing wants to know.
  const env = { PARLEY_LOG_LEVEL: process.env.LOG_LEVEL ?? 'error', ...process.env }
  return readConfig({ flags, env }).settings
}

async function readInput(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) text += chunk
  return text
}
