import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProcessNode } from '../process-node.ts'
import { ClusterSpace } from './cluster-space.ts'

export interface ClusterOptions {
  nodes?: number
  args?: readonly string[]
  env?: Record<string, string>
  /** For one node; `all` is what all of them get. */
  envOf?: (index: number, all: Record<string, string>) => Record<string, string>
}

/** Nodes in processes of their own, on the engines that run. */
export class TestCluster {
  readonly nodes: readonly ProcessNode[]
  readonly #space
  readonly #folder

  private constructor(nodes: readonly ProcessNode[], space: ClusterSpace, folder: string) {
    this.nodes = nodes
    this.#space = space
    this.#folder = folder
  }

  static async start(options: ClusterOptions = {}) {
    const { nodes: count = 3, args = ['--rate-limits', 'off'], env = {}, envOf = () => ({}) } = options
    const space = new ClusterSpace()
    const all = { ...space.env, ...env }
    const folder = mkdtempSync(join(tmpdir(), 'parley-cluster-'))
    const nodes = Array.from({ length: count }, (_, index) => {
      const own = { ...all, ...envOf(index, all) }
      return new ProcessNode({ data: join(folder, `${index}`), args, env: own, patience: 60_000 })
    })
    const cluster = new TestCluster(nodes, space, folder)
    try {
      await Promise.all(nodes.map((node) => node.start()))
    } catch (error) {
      await cluster.close()
      throw error
    }
    return cluster
  }

  /** Those that run and are not stopped by a test. */
  get running(): readonly ProcessNode[] {
    return this.nodes.filter((node) => node.running)
  }

  /** By which another process takes part in it. */
  get env(): Record<string, string> {
    return this.#space.env
  }

  /** What all its nodes printed. */
  get output(): string {
    return this.nodes.map((node, index) => `node ${index}:\n${node.output}`).join('\n')
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()))
    rmSync(this.#folder, { recursive: true, force: true })
    await this.#space.remove()
  }
}
