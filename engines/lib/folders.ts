import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where everything lies that engines need, outside the clone: `PARLEY_ENGINES` names one folder for both. */
export interface Folders {
  /** What was downloaded or built, named by version: may be deleted at any time. */
  cache: string
  /** Data, logs and the records of running processes. */
  state: string
}

type Environment = Readonly<Record<string, string | undefined>>

export function engineFolders(env: Environment, home = homedir(), root = process.getuid?.() === 0): Folders {
  const { PARLEY_ENGINES, XDG_CACHE_HOME, XDG_STATE_HOME } = env
  if (PARLEY_ENGINES) return { cache: join(PARLEY_ENGINES, 'cache'), state: join(PARLEY_ENGINES, 'state') }
  return {
    cache: join(XDG_CACHE_HOME || join(home, '.cache'), 'parley'),
    // PostgreSQL refuses to run as root and its own user cannot look into root's home.
    state: root ? '/var/lib/parley-engines' : join(XDG_STATE_HOME || join(home, '.local', 'state'), 'parley-engines'),
  }
}

export function makeFolder(...path: string[]): string {
  const folder = join(...path)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** As `makeFolder`, and other users may pass through it whatever the umask says. */
export function makePassable(...path: string[]): string {
  const folder = makeFolder(...path)
  chmodSync(folder, 0o755)
  return folder
}

/** Names a build after everything it is made from, so a change never meets an old build. */
export function versionedName(name: string, version: string, sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const source of sources) hash.update(source).update('\0')
  return `${name}-${version}-${hash.digest('hex').slice(0, 8)}`
}
