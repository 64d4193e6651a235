import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProcessNode } from './process-node.ts'
import { type Account, logIn, RawApi, register } from './raw-api.ts'

const parley = fileURLToPath(new URL('../../cli/bin/parley.js', import.meta.url))
const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'parley-operator-'))
const data = join(folder, 'data')

let node: ProcessNode
let ann: Account
let token: string
/** Tokens of the links that were printed. */
const linksIn = (output: string): string[] =>
  [...output.matchAll(/\/admin\/#claim=([\w-]{43})/g)].map(([, found = '']) => found)

beforeAll(async () => {
  node = await ProcessNode.start({ data, args: ['--web', 'off'] })
  ann = await register(node.url)
}, 60_000)
afterAll(async () => {
  await node?.close()
  rmSync(folder, { recursive: true, force: true })
})

const overview = () => new RawApi(node.url, ann.token).request('GET', '/v1/admin/overview')

/** On the data folder, while its server is stopped. */
async function admin(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [parley, 'admin', ...args, '--data', data])
  return stdout
}

describe('the link for the first operator', () => {
  it('O2: is printed once by a start, and lies nowhere in the data folder', async () => {
    await expect.poll(() => linksIn(node.output).length).toBe(1)
    token = linksIn(node.output)[0] ?? ''
    const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(1)
    for (const { parentPath, name } of files)
      expect(readFileSync(join(parentPath, name)).includes(token), name).toBe(false)
  })

  it('O2: is good over a restart until it is used, and then no start prints another', { timeout: 60_000 }, async () => {
    await node.sigterm()
    await node.start()
    await expect.poll(() => linksIn(node.output).length).toBe(2)
    expect(await overview()).toMatchObject({ status: 403 })
    await new RawApi(node.url, ann.token).call('POST', '/v1/admin/claim', { token })
    expect(await overview()).toMatchObject({ status: 200 })
    await node.sigterm()
    await node.start()
    expect(await overview()).toMatchObject({ status: 200 })
    expect(linksIn(node.output)).toHaveLength(2)
  })

  it('O3: the command line takes the right and gives it, of the last operator too', { timeout: 60_000 }, async () => {
    await node.sigterm()
    expect(await admin('revoke-operator', ann.username)).toContain(`${ann.username} is no operator`)
    expect(await admin('grant-operator', ann.username.toUpperCase())).toContain('is an operator')
    const reset = run(process.execPath, [parley, 'admin', 'reset-password', ann.username, '--data', data])
    reset.child.stdin?.end('another good password\n')
    expect((await reset).stdout).toContain(`The password of ${ann.username} was changed`)
    await expect(admin('grant-operator', 'nobody_at_all')).rejects.toThrow(/There is no user "nobody_at_all"/)
    await node.start()
    const { token: mine } = await logIn(node.url, { ...ann, password: 'another good password' })
    const audit = await new RawApi(node.url, mine).call<{ items: object[] }>('GET', '/v1/admin/audit')
    expect(audit.items).toMatchObject([
      { action: 'reset-password', user: { username: ann.username } },
      { action: 'grant-operator', user: { username: ann.username } },
      { action: 'revoke-operator', user: { username: ann.username } },
      { action: 'claim', by: { username: ann.username } },
    ])
    expect(audit.items[0]).not.toHaveProperty('by')
  })
})
