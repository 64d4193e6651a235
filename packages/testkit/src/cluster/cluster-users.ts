import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CrowdUser } from '../crowd.ts'
import { type Account, RawApi } from '../raw-api.ts'

const parley = fileURLToPath(new URL('../../../cli/bin/parley.js', import.meta.url))

/** Users of a cluster with one device each, made beside its nodes. `env`: by which a process takes part in it. */
export async function importUsers(env: Record<string, string>, count: number): Promise<CrowdUser[]> {
  const args = [parley, 'admin', 'import', '--users', String(count)]
  const options = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } }
  const { stdout } = await promisify(execFile)(process.execPath, args, options)
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as CrowdUser)
}

/** For devices of tests, which need not know what their servers call them. */
export const accountOf = ({ user, token }: CrowdUser): Account => ({
  user,
  token,
  device: `of ${user}`,
  username: '',
  password: '',
})

/** With the names of their devices on the servers, any of which is asked. */
export async function accountsWithDevices(urls: readonly string[], users: readonly CrowdUser[]): Promise<Account[]> {
  const accounts: Account[] = []
  for (const [index, user] of users.entries()) {
    const api = new RawApi(urls[index % urls.length]!, user.token)
    const { items } = await api.call<{ items: { id: string; current: boolean }[] }>('GET', '/v1/me/devices')
    accounts.push({ ...accountOf(user), device: items.find(({ current }) => current)!.id })
  }
  return accounts
}
