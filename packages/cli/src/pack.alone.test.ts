import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-pack-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the packed packages install into an empty folder; `npx parley start` and `startNode` run there', {
  timeout: 240_000,
}, async () => {
  const manifests = ['protocol', 'server', 'sdk', 'bench', 'cli'].map((name) =>
    join(root, 'packages', name, 'package.json'),
  )
  const before = manifests.map((path) => readFileSync(path, 'utf8'))
  for (const path of manifests) await run('npm', ['pack', '--pack-destination', folder], { cwd: dirname(path) })
  expect(manifests.map((path) => readFileSync(path, 'utf8'))).toEqual(before)
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  expect(tarballs).toHaveLength(5)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs.map((name) => `./${name}`)], {
    cwd: folder,
  })

  const server = spawn('npx', ['parley', 'start', '--data', 'data', '--port', '0'], {
    cwd: folder,
    detached: true,
    env: { ...process.env, PARLEY_WEB: 'auto' },
  })
  try {
    let output = ''
    // Read to its end: what is told later finds somebody.
    server.stdout.on('data', (chunk) => (output += String(chunk)))
    await expect.poll(() => output, { timeout: 30_000 }).toContain('Next:')
    const url = /running at\s+(\S+)/.exec(output)?.[1]
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const openApi = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object }
    expect(Object.keys(openApi.paths).length).toBeGreaterThan(20)
    const page = await fetch(`${url}/c/somewhere`, { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    const [script] = /(?<=src=")\/assets\/[^"]+/.exec(await page.text()) ?? []
    expect((await fetch(`${url}${script}`)).headers.get('cache-control')).toContain('immutable')
  } finally {
    process.kill(-(server.pid as number), 'SIGTERM')
  }

  writeFileSync(
    join(folder, 'embed.ts'),
    `import { startNode } from '@parley/server'
import { createClient, memoryStore } from '@parley/client'
const node = await startNode({ data: 'embedded', port: 0 })
const client = await createClient({ server: node.url, store: memoryStore() })
await client.register({ username: 'anna', password: 'correct horse', device: { name: 'x' } })
console.log(client.session?.user.username)
await client.close()
await node.close()
`,
  )
  const { stdout } = await run(process.execPath, ['embed.ts'], { cwd: folder })
  expect(stdout.trim()).toBe('anna')
})
