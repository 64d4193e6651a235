import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SlowFsync {
  /** Longer by this many milliseconds. */
  ms?: number
  /** Fails with this error number. */
  errno?: number
  /** Only while this file exists. */
  while?: string
  /** Only files below this path. */
  under?: string
}

/** The environment that makes a child process's flushes slow or failing; Linux with a C compiler only. */
export function slowFsyncEnv(wanted: SlowFsync): Record<string, string> {
  return {
    LD_PRELOAD: buildSlowFsync(),
    ...(wanted.ms !== undefined && { SLOW_FSYNC_MS: String(wanted.ms) }),
    ...(wanted.errno !== undefined && { SLOW_FSYNC_ERRNO: String(wanted.errno) }),
    ...(wanted.while !== undefined && { SLOW_FSYNC_WHILE: wanted.while }),
    ...(wanted.under !== undefined && { SLOW_FSYNC_UNDER: wanted.under }),
  }
}

/** Path of the compiled library, built once per version of its source into the user's cache folder. */
export function buildSlowFsync(): string {
  const source = fileURLToPath(new URL('./slow-fsync.c', import.meta.url))
  const version = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12)
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'parley', `slow-fsync-${version}`)
  const library = join(folder, 'slow-fsync.so')
  if (existsSync(library)) return library
  mkdirSync(folder, { recursive: true })
  // Renamed into place: two builds at once never leave half a library.
  const building = `${library}.${process.pid}`
  execFileSync('cc', ['-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-o', building, source, '-ldl'], { stdio: 'pipe' })
  renameSync(building, library)
  return library
}
