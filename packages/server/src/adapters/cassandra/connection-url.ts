/** What `cassandra://…` says. */
export interface CassandraUrl {
  /** `host:port`. */
  contactPoints: string[]
  /** Of every host that is not named here: that of the last one. */
  port: number
  keyspace: string
  username: string | undefined
  password: string | undefined
  tls: boolean
  /** The data centre next to this node; undefined: that of the first host that answers. */
  dataCenter: string | undefined
  /** Copies for each data centre, when the keyspace has to be made; a number alone is for the nearest one. */
  replication: number | ReadonlyMap<string, number> | undefined
  /** Whose majority decides: of the nearest data centre, or of all. undefined: of the nearest while it is the only one. */
  consistency: 'local' | 'global' | undefined
}

const shape = /^cassandra:\/\/(?:([^@/]*)@)?([^/?#@]+)\/([A-Za-z]\w{0,47})(?:\?(.*))?$/
const form = 'cassandra://[user:password@]host[:port][,host…]/keyspace[?dc=…&replication=3&consistency=local&tls=true]'
const defaultPort = '9042'

/** @throws Error that says what is wrong */
export function parseCassandraUrl(text: string): CassandraUrl {
  const match = shape.exec(text)
  if (!match) throw new Error(`A Cassandra URL looks like this: ${form}`)
  const [, credentials, hosts = '', keyspace = '', query = ''] = match
  const [username, password] = credentials?.split(':').map(decodeURIComponent) ?? []
  const options = new URLSearchParams(query)
  const known = ['dc', 'replication', 'consistency', 'tls']
  for (const name of options.keys()) {
    if (!known.includes(name))
      throw new Error(`${name} is no option of a Cassandra URL; it may have: ${known.join(', ')}`)
  }
  const contactPoints = contactPointsOf(hosts)
  return {
    contactPoints,
    port: Number(contactPoints.at(-1)?.split(':').at(-1)),
    keyspace: keyspace.toLowerCase(),
    username,
    password,
    tls: oneOf('tls', options.get('tls'), ['true', 'false']) === 'true',
    dataCenter: options.get('dc') ?? undefined,
    replication: replicationOf(options.get('replication')),
    consistency: oneOf('consistency', options.get('consistency'), ['local', 'global']),
  }
}

/** A port behind the last host is that of all that have none. */
function contactPointsOf(hosts: string): string[] {
  const names = hosts.split(',')
  const shared = /:(\d+)$/.exec(names.at(-1) ?? '')?.[1] ?? defaultPort
  return names.map((name) => {
    if (!/^(\[[\da-fA-F:]+\]|[\w.-]+)(:\d{1,5})?$/.test(name))
      throw new Error(`${name} is no host of a Cassandra URL: ${form}`)
    return /\]?:\d+$/.test(name) && !/^\[[^\]]*\]$/.test(name) ? name : `${name}:${shared}`
  })
}

function replicationOf(text: string | null): CassandraUrl['replication'] {
  if (text === null) return undefined
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  const copies = new Map<string, number>()
  for (const part of text.split(',')) {
    const [, dataCenter, count] = /^([\w.-]+):([1-9]\d?)$/.exec(part) ?? []
    if (!dataCenter) throw new Error('replication is a number, or one for each data centre: replication=here:3,there:3')
    copies.set(dataCenter, Number(count))
  }
  return copies
}

function oneOf<Value extends string>(name: string, given: string | null, values: readonly Value[]): Value | undefined {
  if (given === null) return undefined
  const value = values.find((known) => known === given)
  if (value === undefined) throw new Error(`${name} in a Cassandra URL is ${values.join(' or ')}, not ${given}`)
  return value
}
