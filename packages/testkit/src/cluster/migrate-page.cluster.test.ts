import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'
import { ClusterSpace, missingEngines } from './cluster-space.ts'
import { blocksOf, Terminal } from './documented-commands.ts'

const page = 'docs/one-process-to-cluster.md'

let folder: string
let space: ClusterSpace
let terminal: Terminal

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-page-'))
  space = new ClusterSpace()
  const ours = Object.entries(process.env).filter(([name]) => !/^PARLEY_|_URL$|^NODE_ENV$/.test(name))
  terminal = new Terminal({ ...Object.fromEntries(ours), NO_COLOR: '1', PARLEY_WEB: 'off' })
})

afterEach(async () => {
  await terminal.close()
  rmSync(folder, { recursive: true })
  await space.remove()
}, 60_000)

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The engines that run here in place of those that the page names. */
function configOf(text: string): string {
  const { env } = space
  return JSON.stringify({
    ...(JSON.parse(text) as object),
    'database-url': env.DATABASE_URL,
    'cassandra-url': env.PARLEY_CASSANDRA_URL,
    'zookeeper-url': env.PARLEY_ZOOKEEPER_URL,
    'sessions-url': env.PARLEY_SESSIONS_URL,
    'redis-url': env.REDIS_URL,
  })
}

/** Lines that the page shows, whatever its numbers are. */
const shown = (text: string): RegExp[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && line !== '…')
    .map(
      (line) =>
        new RegExp(
          line
            .split(/(1a2b…|\d+| +)/)
            .map(patternOf)
            .join(''),
        ),
    )

function patternOf(part: string): string {
  if (part === '1a2b…') return '[0-9a-f]{32}'
  if (/^\d+$/.test(part)) return '\\d+'
  return part.trim() === '' ? ' *' : RegExp.escape(part)
}

describe.skipIf(missingEngines !== '')(`${page}${missingEngines}`, () => {
  it('its commands, as they stand there, take a service to the cluster while somebody is connected', {
    timeout: 180_000,
  }, async () => {
    const ports = new Map<string, number>()
    for (const port of ['8080', '8081', '8082']) ports.set(port, await freePort())
    const here = (text: string): string =>
      text.replaceAll('./', `${folder}/`).replace(/\b808[0-2]\b/g, (port) => String(ports.get(port)))
    const urlOf = (port: string): string => `http://127.0.0.1:${ports.get(port)}`
    const printed: string[] = []
    let commands = 0
    let ann: Awaited<ReturnType<typeof register>> | undefined
    let client: RawClient | undefined
    let chat = ''
    for (const { language, text } of blocksOf(page)) {
      if (language === 'json') writeFileSync(join(folder, 'cluster.json'), configOf(text))
      if (language === 'text') for (const line of shown(text)) expect(printed.join('\n')).toMatch(line)
      if (language !== 'sh') continue
      commands += text.trim().split('\n').length
      if (!text.startsWith('npm start')) {
        printed.push(await terminal.run(here(text)))
        continue
      }
      await terminal.begin(here(text), /Parley is running at/)
      if (ann) continue
      const url = urlOf('8080')
      ann = await register(url)
      chat = (await new RawApi(url, ann.token).direct((await register(url)).user)).id
      client = (await RawClient.connect({ url, account: ann })).client
      await client.send(chat, 'before', { text: 'before' })
    }
    expect(commands).toBe(9)
    const bye = await client!.waitFor((frame) => frame.t === 'bye')
    expect([urlOf('8081'), urlOf('8082')]).toContain(bye.t === 'bye' ? bye.url : undefined)
    for (const port of ['8080', '8081', '8082']) {
      const said = `from ${port}`
      const path = `/v1/conversations/${chat}/messages`
      const api = new RawApi(urlOf(port), ann!.token)
      await api.call('POST', path, { clientMessageId: `m-${port}`, content: { text: said } })
    }
    const { items } = await new RawApi(urlOf('8082'), ann!.token).call<{ items: { content: { text: string } }[] }>(
      'GET',
      `/v1/conversations/${chat}/messages`,
    )
    expect(items.map(({ content }) => content.text)).toEqual(['before', 'from 8080', 'from 8081', 'from 8082'])
    expect(printed.at(-1)).toContain('It was moved before; the nodes serve.')
  })
})
