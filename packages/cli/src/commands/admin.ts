import { readConfig, type SettingsInput, withAccounts } from '@parley/server'
import { Command } from 'commander'

/** `parley admin`: for the operator, on the data folder of a server that is not running. */
export function adminCommand(): Command {
  const admin = new Command('admin').description('Operate on a data folder; the server must not be running')
  admin
    .command('import')
    .description('Make users with one device and token each, without a password; prints a JSON line for each')
    .requiredOption('--users <count>', 'how many')
    .option('--data <folder>', 'data folder')
    .action(async ({ users, data }: { users: string; data?: string }) => {
      const count = Number(users)
      if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
        throw new Error('--users: a number from 1 to 1000000.')
      const rows = await withAccounts(settingsOf(data), (accounts) => accounts.importUsers(count))
      process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    })
  admin
    .command('reset-password <username>')
    .description('Give a user a new password and log all their devices out; the password is read from standard input')
    .option('--data <folder>', 'data folder')
    .action(async (username: string, { data }: { data?: string }) => {
      const password = (await readInput()).trim()
      if (password.length < 10) throw new Error('A password has at least 10 characters. Give it on standard input.')
      await withAccounts(settingsOf(data), (accounts) => accounts.resetPassword(username, password))
      process.stdout.write(`The password of ${username} was changed; their devices are logged out.\n`)
    })
  return admin
}

function settingsOf(data: string | undefined) {
  const flags: SettingsInput = data === undefined ? {} : { data }
  return readConfig({ flags, env: process.env }).settings
}

async function readInput(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) text += chunk
  return text
}
