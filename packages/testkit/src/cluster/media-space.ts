import { type RunningNode, type SettingsInput, startNode } from '@parley/server'
import { type Account, RawApi, register } from '../raw-api.ts'
import { ClusterSpace } from './cluster-space.ts'

export interface MediaPerson extends Account {
  /** At one node each. */
  at: RawApi[]
  api: RawApi
}

/** Two nodes in this process, on engines of which S3 is the test's own. */
export class MediaSpace {
  readonly nodes: readonly RunningNode[]
  readonly space
  #people = 0

  private constructor(nodes: readonly RunningNode[], space: ClusterSpace) {
    this.nodes = nodes
    this.space = space
  }

  /** `roles`: of each node; all by default. */
  static async start(settings: SettingsInput, count = 2, roles: string[][] = []): Promise<MediaSpace> {
    const space = new ClusterSpace()
    const all = { ...space.settings, port: 0, rateLimits: 'off', logLevel: 'silent', ...settings } as const
    const nodes: RunningNode[] = []
    for (let index = 0; index < count; index++)
      nodes.push(await startNode({ ...all, ...(roles[index] && { roles: roles[index] }) }))
    return new MediaSpace(nodes, space)
  }

  async person(): Promise<MediaPerson> {
    const urls = this.nodes.map(({ url }) => url)
    const account = await register(urls[this.#people++ % urls.length]!)
    const at = urls.map((url) => new RawApi(url, account.token))
    return { ...account, at, api: at[0]! }
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()))
    await this.space.remove()
  }
}
