import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningNode, startNode } from '../index.ts'

const html = { accept: 'text/html,*/*' }
let folder: string
let node: RunningNode
let building = true

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-web-'))
  const web = join(folder, 'web')
  await mkdir(join(web, 'assets'), { recursive: true })
  await writeFile(join(web, 'index.html'), '<div id="root"></div>')
  await writeFile(join(web, 'assets', 'app-1a2b.js'), 'console.log(1)')
  await writeFile(join(web, 'assets', 'app-1a2b.js.gz'), gzipSync('console.log(1)'))
  await writeFile(join(folder, 'secret.js'), 'secret')
  node = await startNode(
    { data: join(folder, 'data'), port: 0, logLevel: 'silent', web, origins: ['https://other.example'] },
    { webBuilding: () => building },
  )
})
afterAll(async () => {
  await node.close()
  await rm(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(node.url + path, { headers })

describe('the web app at /', () => {
  it('is a page that looks again by itself while it is built', async () => {
    const page = await get('/', html)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(await page.text()).toContain('http-equiv="refresh"')
    building = false
    expect(await (await get('/', html)).text()).toBe('<div id="root"></div>')
  })

  it('stands at every address of its own, with a policy that allows nothing inline', async () => {
    for (const path of ['/', '/c/123?at=4', '/settings', '/index.html']) {
      const page = await get(path, html)
      expect([page.status, await page.text()]).toEqual([200, '<div id="root"></div>'])
      expect(page.headers.get('cache-control')).toBe('no-cache')
      const policy = page.headers.get('content-security-policy') ?? ''
      expect(policy).not.toContain('unsafe')
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain('https://other.example wss://other.example')
    }
  })

  it('takes no address of the API or of operators, nor one of a file that is not there', async () => {
    for (const path of ['/v1/nothing', '/v1', '/assets/gone.js', '/docs/nothing']) {
      const answer = await get(path, html)
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        404,
        'application/problem+json; charset=utf-8',
      ])
    }
    expect((await get('/c/123', { accept: 'application/json' })).status).toBe(404)
    expect(await (await get('/healthz', html)).json()).toEqual({ status: 'ok' })
  })

  it('gives files for a year, packed for those who take that, and no file of another folder', async () => {
    const file = await get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip' })
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(file.headers.get('content-encoding')).toBe('gzip')
    expect(file.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await file.text()).toBe('console.log(1)')
    expect((await get('/assets/app-1a2b.js', { 'accept-encoding': 'identity' })).headers.get('content-encoding')).toBe(
      null,
    )
    for (const path of ['/..%2fsecret.js', '/assets/..%2f..%2fsecret.js', '/%2e%2e/secret.js', '/%E0%A4%A']) {
      expect(await (await get(path)).text()).not.toBe('secret')
    }
  })
})
