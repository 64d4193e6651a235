import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { EngineFailure } from './failure.ts'
import type { Folders } from './folders.ts'
import { withLock } from './lock.ts'
import { run } from './run.ts'

const policy = '/usr/sbin/policy-rc.d'

/** Installs Debian packages when `isThere` says no. Only root can; others are told the command. */
export async function installPackages(
  { state }: Folders,
  packages: readonly string[],
  isThere: () => boolean,
): Promise<void> {
  if (isThere()) return
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0) throw new EngineFailure(`Not installed. Say: sudo ${command}`)
  await withLock(state, 'apt', async () => {
    if (isThere()) return
    // Debian starts what it installs, on the usual port; here only our own instance is wanted.
    const ours = !existsSync(policy)
    if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    try {
      const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
      const args = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '-q', '--no-install-recommends', ...packages]
      try {
        await run('apt-get', args, { env })
      } catch {
        // No list of packages yet, or one that is too old.
        await run('apt-get', ['update', '-q'], { env })
        await run('apt-get', args, { env })
      }
    } finally {
      if (ours) rmSync(policy, { force: true })
    }
    if (!isThere()) throw new EngineFailure(`Still not there after: ${command}`)
  })
}
