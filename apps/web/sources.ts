import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** In dist/: the hash of what it was built from. */
export const stampFile = '.sources'

const root = join(import.meta.dirname, '..', '..')
const inputs = [
  'apps/web/src',
  'apps/web/public',
  'apps/web/index.html',
  'apps/web/vite.config.ts',
  'apps/web/emoji-data.ts',
  'apps/web/build.ts',
  'apps/web/package.json',
  'packages/sdk/src',
  'packages/protocol/src',
  'package-lock.json',
]

function files(path: string): string[] {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (!statSync(full).isDirectory()) return [path]
  return readdirSync(full).flatMap((name) => files(`${path}/${name}`))
}

/** One hash of everything that the app is built from. */
export function sourcesHash(): string {
  const hash = createHash('sha256')
  const all = inputs.flatMap(files).filter((path) => !/\.test\.tsx?$|\/testing\//.test(path))
  for (const path of all.sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  return hash.digest('hex')
}
