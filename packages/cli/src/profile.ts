import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, OfflineError } from '@parley/client'
import { fileStore } from '@parley/client/file-store'
import { Failure, UsageError } from './failure.ts'
import { unreachable } from './live.ts'

const defaultServer = 'http://127.0.0.1:8080'

/** One person on one server, as this machine knows them; kept in a folder of its own. */
export interface Profile {
  name: string
  folder: string
  /** Addresses of the service; more than one where it runs on several nodes. */
  servers: readonly string[]
}

export interface ProfileOptions {
  profile?: string
  /** One address, or several with commas between. */
  server?: string
}

/** `PARLEY_HOME`, else `~/.parley`, holds a folder for each profile. */
export function openProfile({ profile = 'default', server }: ProfileOptions): Profile {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(profile))
    throw new UsageError('--profile: letters, digits, "_", "-" and "." only.')
  const folder = join(process.env.PARLEY_HOME ?? join(homedir(), '.parley'), profile)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return { name: profile, folder, servers: addressesIn(server ?? rememberedServer(folder) ?? defaultServer) }
}

function addressesIn(text: string): string[] {
  const addresses = text.split(/[\s,]+/).filter((address) => address !== '')
  const wrong = addresses.find((address) => !/^https?:$/.test(URL.parse(address)?.protocol ?? ''))
  if (wrong !== undefined || addresses.length === 0)
    throw new UsageError(`--server: "${wrong ?? text}" is no address. One looks like https://chat.example.org`)
  return addresses
}

/** Later commands of the profile go to the same server. */
export function rememberServer({ folder, servers }: Profile): void {
  writeFileSync(join(folder, 'server'), `${servers.join('\n')}\n`, { mode: 0o600 })
}

function rememberedServer(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'server'), 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

export function openClient(profile: Profile): Promise<Client> {
  return createClient({ server: profile.servers, store: fileStore(join(profile.folder, 'store')), client: 'cli/0.1' })
}

/** A client that is logged in; closed when `use` is done. */
export async function withClient<Result>(
  options: ProfileOptions,
  use: (client: Client, profile: Profile) => Promise<Result>,
) {
  const profile = openProfile(options)
  const client = await openClient(profile)
  try {
    if (!client.session?.token) {
      const flag = profile.name === 'default' ? '' : ` --profile ${profile.name}`
      throw new Failure(`Nobody is logged in. Use "parley register${flag}" or "parley login${flag}" first.`)
    }
    // Where this person's service has moved to is known once it took the device there.
    if (options.server !== undefined)
      client.on('state', ({ status }) => {
        if (status === 'live') rememberServer(profile)
      })
    return await use(client, profile)
  } catch (error) {
    throw error instanceof OfflineError ? new Failure(unreachable(profile.servers)) : error
  } finally {
    await client.close()
  }
}
