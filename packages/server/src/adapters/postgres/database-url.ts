/** A database as `DATABASE_URL` names it. */
export interface DatabaseUrl {
  /** For people: host, port and database, never the password. */
  label: string
  /** For the driver. */
  url: string
  schema: string | undefined
  /** Connections that a node opens at most. */
  connections: number
  /** The same database on servers that follow. */
  replicas: { label: string; url: string }[]
}

const defaultConnections = 10
const own = ['schema', 'replica', 'connections']

/**
 * Reads `DATABASE_URL`: one URL, or several separated by commas (shards). Besides the driver's options each takes
 * `schema=name` (where the tables are), `connections=n`, and `replica=host:port`, any number of times.
 * @throws Error that says what is wrong, without the password
 */
export function parseDatabaseUrls(text: string): DatabaseUrl[] {
  const urls = text
    .split(/,(?=\s*postgres(?:ql)?:\/\/)/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
  if (urls.length === 0) throw new Error('DATABASE_URL is empty.')
  return urls.map(parseOne)
}

function parseOne(text: string): DatabaseUrl {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    throw new Error('DATABASE_URL is to be postgres://user:password@host:port/database, with commas between several.')
  const url = new URL(text)
  const { searchParams } = url
  const schema = searchParams.get('schema') ?? undefined
  const connections = Number(searchParams.get('connections') ?? defaultConnections)
  const hosts = searchParams.getAll('replica')
  for (const name of own) searchParams.delete(name)
  const label = labelOf(url)
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new Error(`${label}: schema is to be a name of small letters, digits and _.`)
  if (!Number.isInteger(connections) || connections < 1 || connections > 1000)
    throw new Error(`${label}: connections is to be a number from 1 to 1000.`)
  const replicas = hosts.map((host) => {
    const replica = new URL(url)
    if (!/^[^/@?#\s]+$/.test(host)) throw new Error(`${label}: replica is to be host:port.`)
    if (!/:\d+$/.test(host)) replica.port = ''
    replica.host = host
    return { label: labelOf(replica), url: replica.href }
  })
  return { label, url: url.href, schema, connections, replicas }
}

function labelOf({ hostname, port, pathname }: URL): string {
  return `${decodeURIComponent(hostname)}:${port || '5432'}${decodeURIComponent(pathname)}`
}
