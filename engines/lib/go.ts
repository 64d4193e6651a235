import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineFailure } from './failure.ts'
import { type Folders, makeFolder } from './folders.ts'
import { withLock } from './lock.ts'
import { findProgram, run } from './run.ts'

/** Builds a Go program of the module in `source` into `folder` unless it is there; modules as its go.sum has them. */
export async function buildWithGo(
  folders: Folders,
  { folder, source, target, program }: { folder: string; source: string; target: string; program: string },
): Promise<void> {
  if (existsSync(folder)) return
  const go = findProgram('go', ['/usr/local/go/bin', '/usr/lib/go-1.25/bin'])
  if (go === undefined) throw new EngineFailure('Go 1.25 or later is needed to build it, and "go" is not in PATH')
  // One at a time: each uses all cores.
  await withLock(folders.state, 'go', async () => {
    if (existsSync(folder)) return
    const building = makeFolder(`${folder}.${process.pid}`)
    try {
      const env = { CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false -mod=readonly' }
      await run(go, ['build', '-trimpath', '-ldflags=-s -w', '-o', join(building, program), target], {
        cwd: source,
        env,
      })
      renameSync(building, folder)
    } finally {
      rmSync(building, { recursive: true, force: true })
    }
  })
}
