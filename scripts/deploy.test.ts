import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../packages/server/src/app/config.ts'
import { storageOf } from '../packages/server/src/app/engines.ts'
import { options } from '../packages/server/src/app/options.ts'

/** What can be shown of deploy/ without a container engine. */
const folder = join(import.meta.dirname, '..', 'deploy')
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
const temporary = mkdtempSync(join(tmpdir(), 'parley-deploy-'))
afterAll(() => rmSync(temporary, { recursive: true }))

interface Service {
  image?: string
  build?: { context: string; dockerfile: string }
  environment?: Record<string, string>
  volumes?: string[]
  secrets?: string[]
  depends_on?: string[] | Record<string, { condition: string }>
  healthcheck?: object
}

interface Compose {
  services: Record<string, Service>
  volumes: Record<string, null>
  secrets?: Record<string, { file: string }>
}

const readCompose = (path: string): Compose => parse(read(path), { merge: true, strict: true }) as Compose

/** As compose fills them in when nothing is set: `${NAME:-value}`. */
function settingsOf(service: Service): Record<string, string> {
  const filled = Object.entries(service.environment ?? {}).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'),
  ])
  return Object.fromEntries(filled) as Record<string, string>
}

/** Names of Compose files that do not lead anywhere. */
function danglingNames({ services, volumes, secrets = {} }: Compose): string[] {
  return Object.entries(services).flatMap(([name, service]) => {
    const depends = service.depends_on ?? []
    const needed = Array.isArray(depends) ? depends.map((other) => [other, ''] as const) : Object.entries(depends)
    const others = needed.filter(([other, wish]) => {
      const healthy = typeof wish === 'object' && wish.condition === 'service_healthy'
      return services[other] === undefined || (healthy && services[other].healthcheck === undefined)
    })
    const named = (service.volumes ?? []).map((volume) => volume.split(':')[0]!).filter((source) => /^\w/.test(source))
    const bound = (service.volumes ?? []).map((volume) => volume.split(':')[0]!).filter((source) => /^\./.test(source))
    return [
      ...others.map(([other]) => `${name}: ${other}`),
      ...named.filter((volume) => !(volume in volumes)).map((volume) => `${name}: volume ${volume}`),
      ...bound.filter((source) => !existsSync(join(folder, source))).map((source) => `${name}: file ${source}`),
      ...(service.secrets ?? []).filter((secret) => !(secret in secrets)).map((secret) => `${name}: secret ${secret}`),
    ]
  })
}

const nodesOf = ({ services }: Compose): [string, Service][] =>
  Object.entries(services).filter(([name]) => name.startsWith('parley'))

describe('deploy', () => {
  it('sets only what is a setting of Parley', () => {
    const known = new Set(Object.values(options).flatMap(({ env }) => env))
    // For the Compose files and the Caddyfile themselves.
    known.add('PARLEY_DOMAIN')
    const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.length).toBeGreaterThan(8)
    const used = files.flatMap((file) => {
      const text = readFileSync(join(file.parentPath, file.name), 'utf8')
      return [...text.matchAll(/\b(?:PARLEY_[A-Z_]+|S3_(?!PASSWORD)[A-Z_]+|DATABASE_URL|REDIS_URL)\b/g)].map(
        ([name]) => name,
      )
    })
    expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([])
    expect(used).toContain('PARLEY_CASSANDRA_URL')
  })

  it('has Compose files in which every name leads somewhere', () => {
    for (const path of ['compose.yaml', 'compose.scale.yaml']) {
      expect(danglingNames(readCompose(path))).toEqual([])
      for (const [, { build }] of nodesOf(readCompose(path))) {
        expect(existsSync(join(folder, build!.context, build!.dockerfile))).toBe(true)
      }
    }
  })

  it('runs one process on a folder, or three nodes on all engines', () => {
    const [[, single]] = nodesOf(readCompose('compose.yaml')) as [[string, Service]]
    const one = readConfig({ flags: {}, env: settingsOf(single) })
    expect(one.warnings).toEqual([])
    expect(storageOf(one.settings)).toEqual({ kind: 'sqlite' })

    const scaled = readCompose('compose.scale.yaml')
    const secret = join(temporary, 'secret')
    writeFileSync(secret, 'a secret that is long enough for anybody')
    const nodes = nodesOf(scaled).map(([name, service]) => {
      const env = settingsOf(service)
      expect(env.PARLEY_SECRET_FILE).toBe('/run/secrets/parley')
      const { settings, warnings } = readConfig({ flags: {}, env: { ...env, PARLEY_SECRET_FILE: secret } })
      expect(warnings).toEqual([])
      expect(storageOf(settings)).toMatchObject({
        kind: 'cluster',
        engines: {
          sessions: { technology: 'mongodb' },
          s3: { bucket: 'media', publicEndpoint: 'https://media.localhost', forcePathStyle: true },
        },
      })
      expect(settings.nodeUrl).toBe(`http://${name}:8080`)
      return settings.publicUrl
    })
    expect(nodes).toEqual(['https://node-1.localhost', 'https://node-2.localhost', 'https://node-3.localhost'])
    const { environment = {} } = scaled.services['parley-1']!
    const engines = [
      'DATABASE_URL',
      'PARLEY_CASSANDRA_URL',
      'PARLEY_ZOOKEEPER_URL',
      'PARLEY_SESSIONS_URL',
      'REDIS_URL',
      'S3_ENDPOINT',
    ]
    for (const host of engines.flatMap((name) => hostsOf(environment[name]!))) {
      expect(Object.keys(scaled.services)).toContain(host)
    }
  })

  it('has a Caddyfile that leads to the three nodes, and keeps what is between nodes from the world', () => {
    const { services } = readCompose('compose.scale.yaml')
    const text = read('Caddyfile')
    const upstreams = [...text.matchAll(/([\w-]+):8080/g)].map(([, host]) => host!)
    expect(upstreams.toSorted()).toEqual(
      [...nodesOf({ services } as Compose).map(([name]) => name)].flatMap((n) => [n, n]),
    )
    const sites = [...text.matchAll(/^([^\s(#].*) \{$/gm)].map(([, site]) => site!)
    expect(sites).toHaveLength(5)
    expect(text).toContain(`reverse_proxy ${new URL(services['parley-1']!.environment!.S3_ENDPOINT!).host}`)
    expect(text.match(/^\timport parley$/gm)).toHaveLength(sites.length)
    expect(text).toMatch(/^\t@inner path .*\/node-link/m)
    expect(text.split('{').length).toBe(text.split('}').length)
  })

  it('builds an image of what is in the repository', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, paths]) => paths!.split(' '))
    expect(copied.length).toBeGreaterThan(3)
    for (const path of copied) expect(existsSync(join(folder, '..', path)), path).toBe(true)
  })

  it('has a Helm chart whose templates use values that exist', () => {
    const values = parse(read('helm/parley/values.yaml'), { strict: true }) as Record<string, unknown>
    const templates = globSync('helm/parley/templates/*', { cwd: folder }).map(read).join('\n')
    const used = [...templates.matchAll(/\.Values\.([\w.]+)/g)].map(([, path]) => path!)
    expect(used.length).toBeGreaterThan(20)
    const missing = used.filter((path) => {
      const found = path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], values)
      return found === undefined
    })
    expect(missing).toEqual([])
    expect(templates.split('{{').length).toBe(templates.split('}}').length)
    const { version } = JSON.parse(readFileSync(join(folder, '../packages/server/package.json'), 'utf8'))
    expect(parse(read('helm/parley/Chart.yaml'))).toMatchObject({ name: 'parley', appVersion: version })
  })
})

/** Of a URL that may name several. */
function hostsOf(url: string): string[] {
  const [, authority = ''] = /^\w+:\/\/(?:[^@/]*@)?([^/]+)/.exec(url) ?? []
  return authority.split(',').map((host) => host.split(':')[0]!)
}
