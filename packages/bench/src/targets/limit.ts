import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LimitReady } from '../limits/limit-server.ts'
import { endProcess, nextMessage, serverCore, startNode } from '../machine.ts'
import { programAt } from '../program.ts'
import type { RunningTarget, Target } from './target.ts'

type LimitProgram = 'echo' | 'pairs' | 'broadcast' | 'idle'

/** A small server program of this package. Its tokens are user numbers, its conversations pair numbers. */
export function limit(name: string, program: LimitProgram): Target {
  return {
    name,
    async start({ env, data } = {}): Promise<RunningTarget> {
      const folder = data ?? (await mkdtemp(join(tmpdir(), 'parley-limit-')))
      const script = fileURLToPath(programAt(`../limits/${program}`, import.meta.url))
      const child = startNode(serverCore, [script, folder], env)
      const { port } = await nextMessage<LimitReady>(child)
      return {
        name,
        endpoint: { host: '127.0.0.1', port },
        pid: child.pid ?? 0,
        tokens: numbers,
        pairs: async (users) => ({
          tokens: numbers(users),
          conversations: numbers(users / 2),
          echo: program === 'echo',
        }),
        group: async (users) => ({ tokens: numbers(users), conversation: '0' }),
        async stop() {
          await endProcess(child)
          if (data === undefined) await rm(folder, { recursive: true, force: true })
        },
      }
    },
  }
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index))
}
