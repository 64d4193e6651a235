import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine, NodeSpec } from '../engine.ts'
import type { EngineNode } from '../lib/engine-node.ts'
import { exchange } from '../lib/exchange.ts'
import { makeFolder } from '../lib/folders.ts'
import { fetchJars, jarFolder } from '../lib/maven.ts'

const version = '3.9.5'
const pom = join(import.meta.dirname, 'pom.xml')
const address = '127.0.0.1'

interface Member {
  id: number
  name: string
  /** For clients; the ports between members lie 30 and 60 above. */
  port: number
}

function membersOf(name: string, count: number, port: number): Member[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: count === 1 ? name : `${name}-${index + 1}`,
    port: port + index,
  }))
}

/** Short ticks, so that tests see sessions of one second expire; every write is on disk before its answer. */
function configuration(member: Member, members: readonly Member[], folder: string): string {
  const settings = {
    dataDir: join(folder, 'data'),
    clientPort: member.port,
    clientPortAddress: address,
    tickTime: 500,
    initLimit: 20,
    syncLimit: 10,
    minSessionTimeout: 1000,
    maxSessionTimeout: 60000,
    maxClientCnxns: 0,
    'admin.enableServer': false,
    '4lw.commands.whitelist': '*',
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  if (members.length > 1) {
    lines.push(...members.map(({ id, port }) => `server.${id}=${address}:${port + 30}:${port + 60}`))
  }
  return `${lines.join('\n')}\n`
}

const logbackXml = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{20} %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
`

export type ZookeeperMode = 'leader' | 'follower' | 'observer' | 'standalone'

/** What part a node plays; undefined while it looks for a leader. @throws when it does not answer. */
export async function zookeeperMode({ port }: Pick<NodeSpec, 'port'>): Promise<ZookeeperMode | undefined> {
  const text = await exchange(address, port, 'srvr', (received) => {
    const soFar = received.toString()
    // The node count is its last line; a node without a leader says one line only.
    return /Node count: \d+\n/.test(soFar) || soFar.includes('not currently serving') ? soFar : undefined
  })
  return /^Mode: (\w+)$/m.exec(text)?.[1] as ZookeeperMode | undefined
}

/** The node of an ensemble that leads now, if any. */
export async function zookeeperLeader(nodes: readonly EngineNode[]): Promise<EngineNode | undefined> {
  const modes = await Promise.allSettled(nodes.map((node) => zookeeperMode(node.spec)))
  return nodes[modes.findIndex((mode) => mode.status === 'fulfilled' && mode.value === 'leader')]
}

function zookeeper(name: 'zookeeper' | 'zookeeper3', count: number, defaultPort: number): Engine {
  return {
    name,
    title: `ZooKeeper ${version}${count > 1 ? `, ensemble of ${count}` : ''}`,
    defaultPort,
    async provide(folders) {
      await fetchJars(folders, jarFolder(folders, 'zookeeper', version, pom), pom)
      return 'jars fetched by Maven'
    },
    async arrange({ port }, { home }) {
      const members = membersOf(name, count, port)
      for (const member of members) {
        const folder = makeFolder(home, member.name)
        writeFileSync(join(makeFolder(folder, 'data'), 'myid'), `${member.id}\n`)
        writeFileSync(join(folder, 'zoo.cfg'), configuration(member, members, folder))
        writeFileSync(join(folder, 'logback.xml'), logbackXml)
      }
    },
    nodes({ port }, place) {
      const jars = jarFolder(place, 'zookeeper', version, pom)
      return membersOf(name, count, port).map((member) => {
        const folder = join(place.home, member.name)
        return {
          name: member.name,
          address,
          port: member.port,
          command: [
            'java',
            '-Xmx128m',
            '-Xss512k',
            '-XX:+UseSerialGC',
            '-XX:TieredStopAtLevel=1',
            '-XX:-UsePerfData',
            `-Dlogback.configurationFile=file://${join(folder, 'logback.xml')}`,
            '-cp',
            join(jars, '*'),
            'org.apache.zookeeper.server.quorum.QuorumPeerMain',
            join(folder, 'zoo.cfg'),
          ],
          stopSignal: 'SIGTERM',
          answers: async () => (await zookeeperMode(member)) !== undefined,
          patience: 60,
        }
      })
    },
    variables({ port }) {
      const hosts = membersOf(name, count, port).map((member) => `${address}:${member.port}`)
      return { PARLEY_ZOOKEEPER_URL: `zookeeper://${hosts.join(',')}/parley` }
    },
  }
}

export const zookeeperSingle = zookeeper('zookeeper', 1, 15181)
export const zookeeperEnsemble = zookeeper('zookeeper3', 3, 15191)
