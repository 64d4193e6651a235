import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { callApi, inLanes } from '../load/api.ts'
import type { Endpoint } from '../load/wire-socket.ts'
import { endProcess, serverCore, startProgram } from '../machine.ts'
import type { RunningTarget, Target } from './target.ts'

export interface ImportedUser {
  user: string
  token: string
}

export interface RunningParley extends RunningTarget {
  users: readonly ImportedUser[]
  /** From exec to `/readyz` 200, ms. */
  startMs: number
  /** kill -9; the data folder stays. */
  kill(): Promise<void>
}

/** The command of the packages that stand beside this one: in the repository, or where they were installed. */
function findCommand(): string {
  const places = ['../../../cli/bin/parley.js', '../../../../parley/bin/parley.js']
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))
  if (found === undefined) throw new Error('The package "parley" is not installed beside @parley/bench.')
  return found
}

export const command = findCommand()
const readyWithinMs = 30_000

/** Parley in one process on a data folder of its own, rate limits off, durable as it is by default. */
export function parley(): Target<RunningParley> {
  return {
    name: 'Parley',
    async start({ env, data, port: wantedPort, users: count = 200 } = {}) {
      const folder = data ?? (await mkdtemp(join(tmpdir(), 'parley-bench-')))
      const users = count > 0 ? await importUsers(folder, count) : []
      const port = wantedPort ?? (await freePort())
      const endpoint = { host: '127.0.0.1', port }
      const args = [command, 'start', '--data', folder, '--port', String(port), '--rate-limits', 'off']
      const began = performance.now()
      const child = startProgram(serverCore, args, { PARLEY_WEB: 'off', ...env })
      const stop = async () => {
        await endProcess(child)
        if (data === undefined) await rm(folder, { recursive: true, force: true })
      }
      try {
        await untilReady(endpoint, () => child.exitCode === null && child.signalCode === null)
      } catch (error) {
        await stop()
        throw error
      }
      return {
        name: 'Parley',
        endpoint,
        pid: child.pid ?? 0,
        users,
        startMs: performance.now() - began,
        tokens: (wanted) => users.slice(0, wanted).map(({ token }) => token),
        pairs: (wanted) => makePairs(endpoint, users.slice(0, wanted)),
        group: (wanted) => makeGroup(endpoint, users.slice(0, wanted)),
        stop,
        async kill() {
          const exited = once(child, 'exit')
          child.kill('SIGKILL')
          await exited
        },
      }
    },
  }
}

/** `parley admin import` prints a line of JSON per user. */
export async function importUsers(
  folder: string,
  count: number,
  env: Record<string, string> = {},
): Promise<ImportedUser[]> {
  const child = spawn(process.execPath, [command, 'admin', 'import', '--users', String(count), '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const exit = once(child, 'exit')
  const users: ImportedUser[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) users.push(JSON.parse(line))
  }
  const [code] = await exit
  if (code !== 0 || users.length !== count) {
    throw new Error(`parley admin import: exit ${code}, ${users.length} of ${count} users`)
  }
  return users
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when `/readyz` says 200. */
export async function untilReady(endpoint: Endpoint, isAlive: () => boolean): Promise<void> {
  const end = performance.now() + readyWithinMs
  while (performance.now() < end) {
    if (!isAlive()) throw new Error('Parley ended before it was ready')
    const status = await fetch(`http://${endpoint.host}:${endpoint.port}/readyz`).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      },
      () => 0,
    )
    if (status === 200) return
    await delay(5)
  }
  throw new Error(`Parley was not ready within ${readyWithinMs / 1000} s`)
}

/** The one direct conversation of two users. */
export async function direct(endpoint: Endpoint, token: string, peer: string): Promise<string> {
  const { id } = await callApi<{ id: string }>(endpoint, token, 'PUT', `/v1/direct/${peer}`)
  return id
}

export async function makePairs(endpoint: Endpoint, users: readonly ImportedUser[]) {
  const conversations = await inLanes(users.length >> 1, 16, async (index) => {
    const [first, second] = [users[index * 2], users[index * 2 + 1]]
    if (!first || !second) throw new Error('fewer users than pairs')
    return direct(endpoint, first.token, second.user)
  })
  return { tokens: users.map(({ token }) => token), conversations }
}

export async function makeGroup(endpoint: Endpoint, users: readonly ImportedUser[]) {
  const [owner, ...others] = users
  if (!owner) throw new Error('a group without users')
  const body = { title: 'Bench', members: others.map(({ user }) => user) }
  const { id } = await callApi<{ id: string }>(endpoint, owner.token, 'POST', '/v1/conversations', body)
  return { tokens: users.map(({ token }) => token), conversation: id }
}
