import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'vite'
import { sourcesHash, stampFile } from './sources.ts'

/** `npm run build`: the app into dist/, whole or not at all. `--if-old`: only when its sources are not those of dist/. */
// Whoever starts it: of React there is one for developers, which is larger and slower.
process.env.NODE_ENV = 'production'
const root = import.meta.dirname
const dist = join(root, 'dist')
const hash = sourcesHash()
const stamp = join(dist, stampFile)
const fresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
if (!(fresh && process.argv.includes('--if-old'))) {
  const made = join(root, `.dist-${process.pid}`)
  process.on('exit', () => rmSync(made, { recursive: true, force: true }))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1))
  await build({ root, build: { outDir: made }, logLevel: process.argv.includes('--quiet') ? 'error' : 'info' })
  compress(made)
  writeFileSync(join(made, stampFile), hash)
  rmSync(dist, { recursive: true, force: true })
  renameSync(made, dist)
}

/** Beside each text file what servers send of it, packed once. */
function compress(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|css|html|svg|json|webmanifest)$/.test(name)) continue
    const path = join(folder, name)
    const body = readFileSync(path)
    writeFileSync(`${path}.br`, brotliCompressSync(body))
    writeFileSync(`${path}.gz`, gzipSync(body, { level: 9 }))
  }
}
