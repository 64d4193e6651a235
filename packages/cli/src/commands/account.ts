import { hostname } from 'node:os'
import { OfflineError } from '@parley/client'
import { Command } from 'commander'
import { Failure } from '../failure.ts'
import { goLive, unreachable } from '../live.ts'
import { openClient, openProfile, type ProfileOptions, rememberServer, withClient } from '../profile.ts'
import { ask, askForPassword } from '../prompt.ts'

interface EnterOptions extends ProfileOptions {
  username?: string
  displayName?: string
  device?: string
  json?: boolean
}

/** Options of every command that acts as somebody. */
export const asSomebody = (command: Command): Command =>
  command
    .option('--profile <name>', 'which person on this machine', 'default')
    .option(
      '--server <url>',
      'address of the server, several with commas (default: that of the profile, else http://127.0.0.1:8080)',
    )
    .option('--json', 'answer in JSON')

async function enter(options: EnterOptions, how: 'register' | 'logIn'): Promise<void> {
  const profile = openProfile(options)
  const username = options.username ?? (await ask('Username', '--username'))
  const password = await askForPassword()
  const client = await openClient(profile)
  try {
    const device = { name: options.device ?? hostname().slice(0, 80), platform: 'cli' }
    const answer =
      how === 'register'
        ? await client.register({ username, password, displayName: options.displayName, device })
        : await client.logIn({ username, password, device })
    rememberServer(profile)
    // From here on nothing that is said to this device is missed, connected or not.
    await goLive(client, profile)
    if (options.json) process.stdout.write(`${JSON.stringify({ user: answer.user, device: answer.device })}\n`)
    else {
      const flag = profile.name === 'default' ? '' : ` --profile ${profile.name}`
      process.stdout.write(
        `You are ${answer.user.username} on ${profile.servers.join(', ')}. Now: parley chat${flag}\n`,
      )
    }
  } catch (error) {
    throw error instanceof OfflineError ? new Failure(unreachable(profile.servers)) : error
  } finally {
    await client.close()
  }
}

export function registerCommand(): Command {
  return asSomebody(new Command('register').description('Make an account and log this machine in'))
    .option('--username <name>', '3 to 32 of a-z, 0-9, "_" and "."')
    .option('--display-name <name>', 'what others see')
    .option('--device <name>', 'what this device is called')
    .action((options: EnterOptions) => enter(options, 'register'))
}

export function loginCommand(): Command {
  return asSomebody(new Command('login').description('Log this machine in as one more device'))
    .option('--username <name>')
    .option('--device <name>', 'what this device is called')
    .action((options: EnterOptions) => enter(options, 'logIn'))
}

export function logoutCommand(): Command {
  return asSomebody(new Command('logout').description('Log this machine out and forget what it stored')).action(
    async (options: EnterOptions) => {
      await withClient(options, (client) => client.logOut())
      process.stdout.write(options.json ? '{"loggedOut":true}\n' : 'Logged out.\n')
    },
  )
}
