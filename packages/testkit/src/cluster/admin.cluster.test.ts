import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient, memoryStore } from '@parley/client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { missingEngines } from './cluster-space.ts'
import { TestCluster } from './test-cluster.ts'

const parley = fileURLToPath(new URL('../../../cli/bin/parley.js', import.meta.url))
const soon = { timeout: 20_000, interval: 20 }

interface Done {
  code: number | null
  out: string
  told: string
}

describe.skipIf(missingEngines !== '')(`parley beside the nodes of a cluster${missingEngines}`, () => {
  let cluster: TestCluster
  const home = mkdtempSync(join(tmpdir(), 'parley-cli-'))

  beforeAll(async () => {
    cluster = await TestCluster.start({ nodes: 2 })
  }, 120_000)
  afterAll(async () => {
    await cluster?.close()
    rmSync(home, { recursive: true, force: true })
  }, 60_000)

  function run(args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Done> {
    return new Promise((resolve) => {
      const options = { env: { ...process.env, PARLEY_HOME: home, ...env } }
      const child = execFile(process.execPath, [parley, ...args], options, (_, out, told) =>
        resolve({ code: child.exitCode, out, told }),
      )
      child.stdin?.end(input)
    })
  }

  async function enter(username: string, password: string, how: 'register' | 'logIn') {
    const client = await createClient({ server: cluster.nodes.map(({ url }) => url), store: memoryStore() })
    await client[how]({ username, password, device: { name: 'test' } })
    client.connect()
    await vi.waitUntil(() => client.state.status === 'live', soon)
    return client
  }

  it('admin import makes users that every node knows, and says where', { timeout: 60_000 }, async () => {
    const { code, out, told } = await run(['admin', 'import', '--users', '3'], '', cluster.env)
    expect({ code, told }).toEqual({ code: 0, told: expect.stringMatching(/Made 3 users in postgres/) })
    const users = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { user: string; token: string })
    expect(users).toHaveLength(3)
    for (const { url } of cluster.nodes)
      for (const { user, token } of users) {
        const answer = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })
        expect(await answer.json()).toMatchObject({ id: user })
      }
  })

  it('admin reset-password ends devices on a node within a second, and says what it did', {
    timeout: 60_000,
  }, async () => {
    const client = await enter('anna', 'forgotten by now', 'register')
    let left = 0
    client.on('state', ({ status }) => {
      if (status === 'closed') left = performance.now()
    })
    const done = await run(['admin', 'reset-password', 'anna'], 'a new password\n', cluster.env)
    const now = performance.now()
    expect(done).toEqual({
      code: 0,
      out: expect.stringMatching(/^The password of anna was changed in postgres.*; their devices are logged out\.\n$/),
      told: '',
    })
    await vi.waitUntil(() => left > 0, soon)
    expect(left - now).toBeLessThan(1000)
    expect(client.state).toEqual({ status: 'closed', reason: 'logged-out' })
    await client.close()
    await expect(enter('anna', 'forgotten by now', 'logIn')).rejects.toMatchObject({ code: 'unauthenticated' })
    await (await enter('anna', 'a new password', 'logIn')).close()
  })

  it('admin says whom it does not find and which engine is away', { timeout: 60_000 }, async () => {
    const unknown = await run(['admin', 'reset-password', 'nobody'], 'a new password\n', cluster.env)
    expect(unknown).toMatchObject({
      code: 1,
      told: expect.stringMatching(/^parley: There is no user "nobody" in postgres/),
    })
    const env = { ...cluster.env, DATABASE_URL: 'postgres://parley:secret@127.0.0.1:1/parley' }
    const away = await run(['admin', 'reset-password', 'anna'], 'a new password\n', env)
    expect(away).toMatchObject({ code: 1, told: expect.stringContaining('PostgreSQL') })
    expect(away.told).not.toContain('secret')
  })

  it('listen and send go on at another address of the profile when their node dies', { timeout: 120_000 }, async () => {
    const [one, two] = cluster.nodes
    const server = ['--server', `${one!.url},${two!.url}`]
    const password = { PARLEY_PASSWORD: 'correct horse' }
    for (const name of ['ben', 'carl']) {
      const done = await run(['register', '--profile', name, '--username', name, ...server], '', password)
      expect(done).toMatchObject({ code: 0, told: '' })
    }
    const options = { env: { ...process.env, PARLEY_HOME: home } }
    const listener = spawn(process.execPath, [parley, 'listen', '--profile', 'carl', '--json'], options)
    let heard = ''
    listener.stdout.on('data', (text) => {
      heard += String(text)
    })
    const send = (text: string) => run(['send', '--profile', 'ben', 'carl', text])
    try {
      expect(await send('before')).toMatchObject({ code: 0, out: 'Sent as message 1.\n' })
      await vi.waitUntil(() => heard.includes('before'), soon)
      await one!.kill9()
      expect(await send('after')).toMatchObject({ code: 0, out: 'Sent as message 2.\n' })
      await vi.waitUntil(() => heard.includes('after'), soon)
      expect(
        heard
          .trim()
          .split('\n')
          .map((line) => (JSON.parse(line) as { seq: number }).seq),
      ).toEqual([1, 2])
    } finally {
      listener.kill()
    }
    const lost = await run(['send', '--profile', 'ben', '--server', one!.url, 'carl', 'nowhere'])
    expect(lost).toMatchObject({ code: 1, told: expect.stringContaining(`${one!.url} does not answer`) })
  })
})
