import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { EngineName } from '../engines/engine.ts'
import { bringUp, environmentOf, look, takeDown } from '../engines/operate.ts'
import { type Counts, conclude, type Environment, runTests } from './run-tests.ts'

/**
 * `npm run test:cluster [part of a file's name …]`: the tests of several nodes on real engines, as long and as often as
 * what is promised asks for, one file at a time: first on one node of each engine, then with rings of three. It starts
 * the engines that do not run, and takes them down afterwards. The last line counts.
 */
const long: Environment = {
  PARLEY_TEST_LONG: 'yes',
  PARLEY_CLUSTER_KILLS: '50',
  PARLEY_TEST_DISPLACED_KILLS: '20',
  PARLEY_TEST_DISPLACED_CLIENTS: '2000',
  PARLEY_TEST_PAUSES: '3',
  PARLEY_TEST_CLOCK_ROUNDS: '3',
  PARLEY_TEST_ROLLING_ROUNDS: '3',
  PARLEY_TEST_ROLLING_CLIENTS: '300',
  PARLEY_TEST_RING_ROUNDS: '3',
  PARLEY_TEST_MIGRATION_KILLS: '10',
  PARLEY_KILLS: '20',
  LANE_SECONDS: '10',
}

interface Part {
  title: string
  engines: readonly EngineName[]
  /** These take the place of the others: both at once are too much for a small machine. */
  instead: readonly EngineName[]
  files: readonly string[]
  env: Environment
}

const here = 'packages/testkit/src/cluster'
const parts: Part[] = [
  {
    title: 'one node of each engine',
    engines: ['postgres', 'redis', 'mongodb', 'zookeeper', 'cassandra'],
    instead: ['zookeeper3', 'cassandra3'],
    files: [
      'packages/server/src/adapters/cassandra/lane-rate.cassandra.test.ts',
      ...globSync(`${here}/*.cluster.test.ts`).sort(),
      `${here}/engine-faults.alone.test.ts`,
    ],
    env: long,
  },
  {
    title: 'Cassandra and ZooKeeper as rings of three',
    engines: ['postgres', 'redis', 'mongodb', 'zookeeper3', 'cassandra3'],
    instead: ['zookeeper', 'cassandra'],
    files: [...globSync(`${here}/*.ring.test.ts`).sort(), `${here}/kill.cluster.test.ts`],
    env: { ...long, PARLEY_CLUSTER_KILLS: '10' },
  },
]

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

async function runPart(part: Part, wanted: readonly string[], folder: string): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  const files = part.files.filter((file) => wanted.length === 0 || wanted.some((name) => basename(file).includes(name)))
  if (files.length === 0) return counts
  say(`On ${part.title}:`)
  const started: EngineName[] = []
  try {
    for (const name of part.instead) await takeDown(name)
    for (const name of part.engines) {
      const { nodes } = await look(name)
      if (nodes.every((node) => node.state === 'down')) started.push(name)
      await bringUp(name)
    }
    const env = { ...process.env, ...(await environmentOf(part.engines)), ...part.env }
    for (const file of files) {
      const json = join(folder, `${part.engines.length}-${basename(file)}.json`)
      const result = runTests(json, [file, '--maxWorkers=1'], env)
      counts.passed += result.passed
      // What is left out for want of an engine shows nothing.
      counts.failed += result.failed + result.skipped
    }
  } catch (error) {
    say(`FAILED ${part.title}: ${error instanceof Error ? error.message : String(error)}`)
    counts.failed++
  } finally {
    await Promise.all(started.map(takeDown))
  }
  return counts
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2)
  const all: Counts = { passed: 0, failed: 0, skipped: 0 }
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-cluster-'))
  try {
    for (const part of parts) {
      const { passed, failed } = await runPart(part, wanted, folder)
      all.passed += passed
      all.failed += failed
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return conclude(all)
}

process.exitCode = await main()
