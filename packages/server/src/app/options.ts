import { z } from 'zod'

/** One setting of a node: environment variable, flag, file key and the reference table all derive from it. */
export interface Option<Schema extends z.ZodType = z.ZodType> {
  /** As a flag (`--data`) and as a file key (`data`). */
  name: string
  /** `PARLEY_` + the name in capitals unless said otherwise; all that are set here are honoured, the first wins. */
  env: readonly string[]
  schema: Schema
  doc: string
}

const define = <Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  doc: string,
  ...others: string[]
): Option<Schema> => ({
  name,
  env: [`PARLEY_${name.replaceAll('-', '_').toUpperCase()}`, ...others],
  schema,
  doc,
})

const list = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''))

export const options = {
  data: define('data', z.string().min(1).default('./data'), 'Folder that holds everything the server keeps'),
  port: define(
    'port',
    z.coerce.number().int().min(0).max(65535).default(8080),
    'Port to listen on; 0 picks a free one',
    'PORT',
  ),
  host: define('host', z.string().min(1).default('127.0.0.1'), 'Address to listen on', 'HOST'),
  tlsCert: define('tls-cert', z.string().optional(), 'Certificate chain (PEM); read again when it changes'),
  tlsKey: define('tls-key', z.string().optional(), 'Private key (PEM) of the certificate'),
  publicUrl: define(
    'public-url',
    z.url().optional(),
    'What clients reach this server by, e.g. https://chat.example.org',
  ),
  origins: define(
    'origins',
    list.transform((origins) => origins.map((origin) => origin.replace(/\/$/, ''))).default([]),
    'Web origins that may connect besides this server’s own, separated by commas',
  ),
  trustedProxies: define(
    'trusted-proxies',
    list.default([]),
    'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed, separated by commas',
  ),
  web: define('web', z.string().min(1).default('auto'), 'Web app at /: auto, off, or the folder of a built one'),
  rateLimits: define(
    'rate-limits',
    z.enum(['on', 'off']).default('on'),
    'off lifts rate limits and connection caps, for load tests',
  ),
  store: define(
    'store',
    z.enum(['auto', 'sqlite', 'memory', 'cluster']).default('auto'),
    'Where data lives: the data folder (sqlite), memory (lost at the end), or engines (cluster); auto: engines when any is named, else the data folder',
  ),
  databaseUrl: define(
    'database-url',
    list.default([]),
    'Cluster: PostgreSQL for users, postgres://…; several, separated by commas, are shards',
    'DATABASE_URL',
  ),
  cassandraUrl: define(
    'cassandra-url',
    z.string().optional(),
    'Cluster: Cassandra for conversations and queues, cassandra://host,host/keyspace?dc=…&replication=3',
  ),
  zookeeperUrl: define(
    'zookeeper-url',
    z.string().optional(),
    'Cluster: ZooKeeper for the list of nodes and worker numbers, zookeeper://host:port,host:port/path',
  ),
  sessionsUrl: define(
    'sessions-url',
    z.string().optional(),
    'Cluster: which node a user is connected to, mongodb://… or redis://…; the Redis of --redis-url by default',
  ),
  redisUrl: define(
    'redis-url',
    z.string().optional(),
    'Cluster: Redis for presence and shared rate limits, redis://…',
    'REDIS_URL',
  ),
  s3Bucket: define(
    's3-bucket',
    z.string().min(1).optional(),
    'Cluster: S3 bucket for media; without one there are none',
    'S3_BUCKET',
  ),
  s3Prefix: define(
    's3-prefix',
    z
      .string()
      .regex(/^([\w.-]+\/)*$/, 'ends with / and begins without')
      .default(''),
    'Cluster: what keys of objects in the bucket begin with, e.g. parley/',
    'S3_PREFIX',
  ),
  s3Endpoint: define(
    's3-endpoint',
    z.url().optional(),
    'Cluster: S3 server as this node reaches it; AWS by default',
    'S3_ENDPOINT',
  ),
  s3PublicEndpoint: define(
    's3-public-endpoint',
    z.url().optional(),
    'Cluster: the same as clients reach it; the endpoint by default',
    'S3_PUBLIC_ENDPOINT',
  ),
  s3Region: define(
    's3-region',
    z.string().min(1).default('us-east-1'),
    'Cluster: region of the bucket',
    'S3_REGION',
    'AWS_REGION',
  ),
  s3ForcePathStyle: define(
    's3-force-path-style',
    z.stringbool().or(z.boolean()).optional(),
    'Cluster: the bucket stands in the path of URLs, not in the host; by default when an endpoint is given',
    'S3_FORCE_PATH_STYLE',
  ),
  s3ColdClass: define(
    's3-cold-class',
    z.enum(['none', 'STANDARD_IA', 'ONEZONE_IA', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE']).default('none'),
    'Cluster: storage class that media nobody reads are moved to',
    'S3_COLD_CLASS',
  ),
  nodeUrl: define(
    'node-url',
    z.url().optional(),
    'Cluster: what other nodes reach this one by; the address it listens on by default',
  ),
  secret: define('secret', z.string().optional(), 'Cluster: seals the secrets of the service in its database'),
  secretFile: define('secret-file', z.string().optional(), 'Cluster: file that holds the secret'),
  unsafeDurability: define(
    'unsafe-durability',
    z.stringbool().or(z.boolean()).default(false),
    'Cluster: accepts a Cassandra that loses what it acknowledged when its machines lose power',
  ),
  mediaMaxBytes: define(
    'media-max-bytes',
    z.coerce
      .number()
      .int()
      .min(1)
      .default(100 * 1024 * 1024),
    'Bytes that one picture, video or file may have',
  ),
  mediaQuota: define(
    'media-quota',
    z.coerce
      .number()
      .int()
      .min(1)
      .default(10 * 1024 ** 3),
    'Bytes that all media of one user may have together',
  ),
  mediaColdAfter: define(
    'media-cold-after',
    z.coerce.number().int().min(0).default(0),
    'Days without a reader after which pictures and files move to the cold tier; 0: never',
  ),
  mediaColdConversations: define(
    'media-cold-conversations',
    list.pipe(z.array(z.string().regex(/^[A-Za-z0-9_-]{1,64}=\d+$/, 'write conversation=days'))).default([]),
    'Other days for some conversations, conversation=days separated by commas; 0: never',
  ),
  roles: define(
    'roles',
    list.default(['all']),
    'What this process does: all, or some of chat, api, media, notifier, janitor',
  ),
  push: define(
    'push',
    z.string().min(1).optional(),
    'File (JSON) that names the push services of Apple and Google and their credentials; browsers need none',
  ),
  heartbeat: define(
    'heartbeat',
    z.coerce.number().int().min(1).max(240).default(30),
    'Seconds in which a client must be heard',
  ),
  logLevel: define(
    'log-level',
    z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
    'Least severe log lines that are written',
    'LOG_LEVEL',
  ),
} as const

export type OptionKey = keyof typeof options
/** Settings as the parser makes them. */
export type Settings = { [Key in OptionKey]: z.output<(typeof options)[Key]['schema']> }
/** Settings as somebody gives them: everything has a default. */
export type SettingsInput = { [Key in OptionKey]?: z.input<(typeof options)[Key]['schema']> }
