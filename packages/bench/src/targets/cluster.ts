import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callApi, inLanes } from '../load/api.ts'
import type { Endpoint } from '../load/wire-socket.ts'
import { endProcess, serverCore, startProgram } from '../machine.ts'
import { loadEngines, openSpace } from './engines.ts'
import { command, freePort, type ImportedUser, importUsers, makeGroup, makePairs, untilReady } from './parley.ts'
import type { RunningTarget, Target } from './target.ts'

export interface RunningCluster extends RunningTarget {
  endpoints: readonly Endpoint[]
}

/** So many nodes of Parley on the engines that run, in a place of their own on each of them. Rate limits are off. */
export function cluster(nodes: number): Target<RunningCluster> {
  const name = nodes === 1 ? '1 node' : `${nodes} nodes`
  return {
    name,
    async start({ users: count = 200 } = {}) {
      const [space, engines] = [await openSpace(), await loadEngines()]
      const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
      const children: ReturnType<typeof startProgram>[] = []
      const stop = async () => {
        await Promise.all(children.map((child) => endProcess(child)))
        await rm(folder, { recursive: true, force: true })
        await space.remove()
      }
      try {
        const env = { ...space.env, ...engines.env }
        const users = await importUsers(folder, count, env)
        const endpoints: Endpoint[] = []
        for (let node = 0; node < nodes; node++) {
          const port = await freePort()
          const data = join(folder, `node-${node}`)
          const args = [command, 'start', '--data', data, '--port', String(port), '--rate-limits', 'off']
          const child = startProgram(serverCore, args, { PARLEY_WEB: 'off', ...env })
          children.push(child)
          endpoints.push({ host: '127.0.0.1', port })
          await untilReady(endpoints[node] as Endpoint, () => child.exitCode === null && child.signalCode === null)
        }
        return running(name, {
          users,
          endpoints,
          pids: children.map(({ pid = 0 }) => pid),
          engines: engines.pids,
          stop,
        })
      } catch (error) {
        await stop()
        throw error
      }
    },
  }
}

function running(
  name: string,
  parts: {
    users: readonly ImportedUser[]
    endpoints: readonly Endpoint[]
    pids: readonly number[]
    engines: Record<string, readonly number[]>
    stop: () => Promise<void>
  },
): RunningCluster {
  const { users, endpoints, pids, engines, stop } = parts
  const [endpoint] = endpoints as [Endpoint]
  return {
    name,
    endpoint,
    endpoints,
    pid: pids[0] ?? 0,
    measured: { server: pids, engines },
    tokens: (wanted) => users.slice(0, wanted).map(({ token }) => token),
    pairs: async (wanted) => {
      const plan = await makePairs(endpoint, users.slice(0, wanted))
      return {
        ...plan,
        endpoints: await inLanes(plan.tokens.length, 16, (index) => allocated(plan.tokens[index] ?? '')),
      }
    },
    group: (wanted) => makeGroup(endpoint, users.slice(0, wanted)),
    stop,
  }

  /** Where a client is sent that asks. */
  async function allocated(token: string): Promise<Endpoint> {
    const { url } = await callApi<{ url: string }>(endpoint, token, 'POST', '/v1/connect', {})
    const { hostname, port } = new URL(url)
    return { host: hostname, port: Number(port) }
  }
}
