import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../../../engines/engine.ts'
import { EngineNode } from '../../../../engines/lib/engine-node.ts'
import { engineFolders } from '../../../../engines/lib/folders.ts'

/** Processes of an engine that belong to one test alone: it may kill, freeze and start them as it likes. */
export interface OwnEngine {
  nodes: EngineNode[]
  /** The one node. */
  node: EngineNode
  /** By which Parley finds it. */
  variables: Record<string, string>
  stop(): Promise<void>
}

/** Ports that engines take beside their first one. */
const besides = [0, 1, 2, 30, 31, 32, 60, 61, 62]

export async function startOwn(engine: Engine): Promise<OwnEngine> {
  const home = mkdtempSync(join(tmpdir(), `parley-${engine.name}-`))
  const place = { ...engineFolders(process.env), home }
  const setup = { port: await freePorts(), commitlogSync: 'group' as const, jvm: 'small' as const }
  await engine.provide(place)
  await engine.arrange(setup, place)
  const nodes = engine.nodes(setup, place).map((spec) => new EngineNode(spec, home))
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()))
    rmSync(home, { recursive: true, force: true })
  }
  try {
    await Promise.all(nodes.map((node) => node.start()))
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, node: nodes[0] as EngineNode, variables: engine.variables(setup), stop }
}

async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 120) * 100
    const free = await Promise.all(besides.map((beside) => isFree(port + beside)))
    if (free.every(Boolean)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
