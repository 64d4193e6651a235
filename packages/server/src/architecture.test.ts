import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = dirname(fileURLToPath(import.meta.url))

/** Who may import whom, closed over what the imported ones may import (ARCHITECTURE.md). */
const direct: Record<string, string[]> = {
  lib: [],
  cluster: ['lib'],
  delivery: ['lib'],
  sync: ['delivery'],
  log: ['sync', 'cluster'],
  accounts: ['lib'],
  conversations: ['accounts', 'log'],
  media: ['accounts', 'conversations'],
  messages: ['conversations', 'log', 'media'],
  presence: ['accounts', 'conversations', 'delivery'],
  migration: ['media', 'messages', 'presence', 'cluster', 'operators', 'notifications'],
  notifications: ['accounts', 'conversations', 'messages', 'sync'],
  operators: ['accounts', 'cluster'],
  gateway: ['messages', 'presence', 'cluster', 'operators'],
}

function closure(folder: string): Set<string> {
  const reached = new Set([folder])
  const visit = (one: string): void => {
    for (const next of direct[one] ?? []) {
      if (reached.has(next)) continue
      reached.add(next)
      visit(next)
    }
  }
  visit(folder)
  return reached
}

/** Drivers of engines and frameworks, and the folders that may know them. */
const drivers: Record<string, string[]> = {
  'better-sqlite3': ['adapters/sqlite'],
  'cassandra-driver': ['adapters/cassandra'],
  jose: ['adapters/apns', 'adapters/fcm'],
  'web-push': ['adapters/webpush'],
  ws: ['gateway', 'adapters/websocket'],
  fastify: ['gateway', 'app'],
  pg: ['adapters/postgres'],
  sharp: ['adapters/sharp'],
  thumbhash: ['adapters/sharp'],
  'file-type': ['media'],
  pino: ['app'],
  'prom-client': ['app'],
  redis: ['adapters/redis'],
  mongodb: ['adapters/mongodb'],
  'node-zookeeper-client': ['adapters/zookeeper'],
  '@aws-sdk/client-s3': ['adapters/s3'],
  '@aws-sdk/s3-request-presigner': ['adapters/s3'],
}

const forbidden: [RegExp, string][] = [
  [/\bprocess\.env\b/, 'process.env'],
  [/\bDate\.now\b|\bnew Date\(\)/, 'Date'],
  [/\bperformance\.now\b/, 'performance.now'],
  [/\bMath\.random\b/, 'Math.random'],
  [/\brandomBytes\b|\brandomUUID\b|\bgetRandomValues\b/, 'crypto.random*'],
  [/\bsetTimeout\(|\bsetInterval\(|\bsetImmediate\(|\bqueueMicrotask\(/, 'timers'],
]

interface Source {
  path: string
  folder: string
  text: string
  imports: string[]
}

function isProduct(name: string): boolean {
  return name.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(name)
}

const sources: Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => isProduct(name))
  .map((name) => {
    const text = readFileSync(join(root, name), 'utf8')
    const imports = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] as string)
    const path = name.split(sep).join('/')
    return { path, folder: path.split('/')[0] as string, text, imports }
  })

const target = (source: Source, specifier: string): string =>
  relative(root, join(root, dirname(source.path), specifier))
    .split(sep)
    .join('/')

describe('architecture', () => {
  it('is about real files', () => {
    expect(sources.length).toBeGreaterThan(80)
  })

  it('services import only those below them', () => {
    const wrong = sources
      .filter(({ folder }) => folder in direct)
      .flatMap((source) =>
        source.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => target(source, specifier))
          .filter((path) => !closure(source.folder).has(path.split('/')[0] as string))
          .map((path) => `${source.path} imports ${path}`),
      )
    expect(wrong).toEqual([])
  })

  it('adapters import ports, entities and lib; never the composition root, never another adapter', () => {
    const wrong = sources
      .filter(({ folder }) => folder === 'adapters')
      .flatMap((source) => {
        const own = source.path.split('/').slice(0, 2).join('/')
        return source.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => target(source, specifier))
          .filter((path) => path.startsWith('app/') || (path.startsWith('adapters/') && !path.startsWith(`${own}/`)))
          .map((path) => `${source.path} imports ${path}`)
      })
    expect(wrong).toEqual([])
  })

  it('nothing imports the composition root', () => {
    const wrong = sources
      .filter(({ folder, path }) => folder !== 'app' && path.includes('/'))
      .filter((source) =>
        source.imports.some((specifier) => specifier.startsWith('.') && target(source, specifier).startsWith('app/')),
      )
      .map(({ path }) => path)
    expect(wrong).toEqual([])
  })

  it('the environment is read in app/ and main.ts, clocks and randomness in lib/', () => {
    const wrong = sources
      .filter(({ folder, path }) => folder !== 'app' && folder !== 'lib' && path !== 'main.ts')
      .flatMap(({ path, text }) =>
        forbidden.filter(([pattern]) => pattern.test(text)).map(([, name]) => `${path}: ${name}`),
      )
    expect(wrong).toEqual([])
  })

  it('drivers stay in their adapters', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .filter(
          (specifier) =>
            specifier in drivers && !(drivers[specifier] ?? []).some((allowed) => path.startsWith(`${allowed}/`)),
        )
        .map((specifier) => `${path} imports ${specifier}`),
    )
    expect(wrong).toEqual([])
  })

  it('no product file is longer than 300 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 301).map(({ path }) => path)
    expect(long).toEqual([])
  })
})
