import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine, NodeSpec, Place, Setup } from '../engine.ts'
import { EngineFailure } from '../lib/failure.ts'
import { makeFolder } from '../lib/folders.ts'
import { fetchJars, jarFolder } from '../lib/maven.ts'
import { waitUntil } from '../lib/wait.ts'
import { cassandraYaml, logbackXml, ringNodes } from './configuration.ts'
import { runCql } from './cql.ts'
import { javaCommand } from './java-command.ts'

const version = '5.0.9'
const pom = join(import.meta.dirname, 'pom.xml')

/** One node on 127.0.0.1, or a ring on 127.0.0.1, .2, .3. */
function cassandra(name: 'cassandra' | 'cassandra3', count: number, defaultPort: number): Engine {
  return {
    name,
    title: `Cassandra ${version}${count > 1 ? `, ring of ${count}` : ''}`,
    defaultPort,
    async provide(folders) {
      await fetchJars(folders, jarFolder(folders, 'cassandra', version, pom), pom)
      return 'jars fetched by Maven'
    },
    async arrange(setup, { home }) {
      const nodes = ringNodes(name, count, setup.port)
      for (const node of nodes) {
        const folder = makeFolder(home, node.name)
        writeFileSync(join(folder, 'cassandra.yaml'), cassandraYaml(node, nodes, setup))
        writeFileSync(join(folder, 'logback.xml'), logbackXml)
      }
    },
    nodes(setup: Setup, place: Place): NodeSpec[] {
      const jars = jarFolder(place, 'cassandra', version, pom)
      return ringNodes(name, count, setup.port).map((node) => ({
        name: node.name,
        address: node.address,
        port: node.port,
        command: javaCommand(node, setup.jvm, jars, join(place.home, node.name)),
        stopSignal: 'SIGTERM',
        answers: () => runCql(node.address, node.port, 'SELECT key FROM system.local'),
        patience: 90,
      }))
    },
    async settle(setup) {
      if (count === 1) return
      // Every node as coordinator reaches all the others: this table has three copies.
      const reads = ringNodes(name, count, setup.port).map(({ address, port }) =>
        waitUntil(
          () => runCql(address, port, 'SELECT * FROM system_distributed.repair_history LIMIT 1', 'all'),
          60_000,
        ),
      )
      if ((await Promise.all(reads)).includes(false)) {
        throw new EngineFailure(
          `${name}: the nodes answer, but not as one ring. Take it down and up again with --fresh`,
        )
      }
    },
    variables({ port }) {
      const nodes = ringNodes(name, count, port)
      const hosts = nodes.map(({ address }) => `${address}:${port}`).join(',')
      const copies = count > 1 ? `&replication=${count}` : ''
      return { PARLEY_CASSANDRA_URL: `cassandra://${hosts}/parley?dc=datacenter1${copies}` }
    },
  }
}

export const cassandraSingle = cassandra('cassandra', 1, 15042)
export const cassandraRing = cassandra('cassandra3', 3, 15142)
