import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const dist = join(import.meta.dirname, '..', '..', '..', 'apps', 'web', 'dist')
const parley = join(import.meta.dirname, '..', 'bin', 'parley.js')

it('`parley start` serves at once, builds a web app that is old beside it, and then serves that', {
  timeout: 120_000,
}, async () => {
  if (existsSync(dist)) writeFileSync(join(dist, '.sources'), 'of something else')
  const data = mkdtempSync(join(tmpdir(), 'parley-built-'))
  const server = spawn(process.execPath, [parley, 'start', '--data', data, '--port', '0'], {
    env: { ...process.env, PARLEY_WEB: 'auto' },
  })
  try {
    let output = ''
    // Read to its end: what is told later finds somebody.
    server.stdout.on('data', (chunk) => (output += String(chunk)))
    await expect.poll(() => output, { timeout: 30_000 }).toContain('Next:')
    const url = /running at\s+(\S+)/.exec(output)?.[1]
    const page = async (): Promise<string> => (await fetch(`${url}/`, { headers: { accept: 'text/html' } })).text()
    expect(await page()).toContain('The web app is being built')
    await expect.poll(page, { timeout: 90_000, interval: 500 }).toContain('<div id="root">')
  } finally {
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await gone
    rmSync(data, { recursive: true, force: true })
  }
})
