/** What the repository knows of the engines of a cluster; not part of what is installed. */
interface Operate {
  look(name: string): Promise<{ nodes: { pid: number | undefined }[]; setup: { port: number; commitlogSync: string } }>
}

interface Space {
  env: Record<string, string>
  remove(): Promise<void>
}

const variables = ['DATABASE_URL', 'PARLEY_CASSANDRA_URL', 'PARLEY_ZOOKEEPER_URL', 'PARLEY_SESSIONS_URL', 'REDIS_URL']
const names = ['postgres', 'redis', 'zookeeper', 'zookeeper3', 'cassandra', 'cassandra3', 'mongodb']

/** Why no cluster can be measured here; undefined: it can. */
export function missingEngines(): string | undefined {
  const absent = variables.filter((name) => !process.env[name])
  if (absent.length === 0) return undefined
  return `no ${absent.join(', ')}: npm run engines -- up, then eval "$(npm run -s engines -- env)"`
}

/** A place of its own on each engine. @throws when the repository is not here */
export async function openSpace(): Promise<Space> {
  const { ClusterSpace } = await repository<{ ClusterSpace: new () => Space }>(
    '../../../testkit/src/cluster/cluster-space.ts',
  )
  return new ClusterSpace()
}

/** The processes of the engines in use, what is said of Cassandra, and what nodes have to accept of it. */
export async function loadEngines(): Promise<{
  pids: Record<string, number[]>
  commitlogSync: string
  env: Record<string, string>
}> {
  const { look } = await repository<Operate>('../../../../engines/operate.ts')
  const used = Object.values(process.env)
  const pids: Record<string, number[]> = {}
  let commitlogSync = 'of a server that was not started here'
  for (const name of names) {
    const { nodes, setup } = await look(name)
    const running = nodes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
    if (running.length === 0 || !used.some((value) => value?.includes(`:${setup.port}`))) continue
    pids[name] = running
    if (name.startsWith('cassandra')) commitlogSync = setup.commitlogSync
  }
  return { pids, commitlogSync, env: commitlogSync === 'periodic' ? { PARLEY_UNSAFE_DURABILITY: 'true' } : {} }
}

async function repository<Exports>(path: string): Promise<Exports> {
  try {
    return (await import(new URL(path, import.meta.url).href)) as Exports
  } catch (error) {
    throw new Error('Clusters are measured in the repository of Parley.', { cause: error })
  }
}
