import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { systemRandom } from '../../lib/random.ts'
import { unique } from '../../lib/stores.contract.ts'
import { appendUntilKnown, membersOf, message, readAll } from '../../log/appending.contract.ts'
import { migrations } from './migrations/all.ts'
import { type Cassandra, openCassandra } from './open.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'

const world = { clock: systemClock, random: systemRandom, logger: silentLogger }

describe.skipIf(server === '')(`opening Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  let url: string
  beforeAll(async () => {
    keyspace = await makeTestKeyspace([])
    url = server.replace(/\/\w+(\?|$)/, `/${keyspace.name}$1`)
  })
  afterAll(() => keyspace.remove())

  const opened: Cassandra[] = []
  const open = async (): Promise<Cassandra> => {
    const cassandra = await openCassandra(url, { ...world, node: unique('n') })
    opened.push(cassandra)
    return cassandra
  }
  afterAll(() => Promise.all(opened.map((one) => one.close())))

  it('nodes that start together make the tables once, and meet in them', async () => {
    const nodes = await Promise.all([open(), open(), open()])
    const [first, second] = nodes as [Cassandra, Cassandra, Cassandra]
    const [conversation, ann] = [unique('c'), unique('u')]
    const projection = membersOf(conversation, [ann])
    await appendUntilKnown(first, conversation, [message(ann, 'm1')], [ann], { projection })
    await appendUntilKnown(second, conversation, [message(ann, 'm2')], [ann])
    expect((await readAll(first, conversation)).map(({ seq }) => seq)).toEqual([1, 2])
    const tables = `SELECT id, table_name FROM system_schema.tables WHERE keyspace_name = '${keyspace.name}'`
    const rows = await keyspace.connection.execute({ query: tables, params: [] })
    expect(rows.length).toBeGreaterThan(10)
    const names = 'SELECT name FROM migrations'
    const made = await keyspace.connection.execute({ query: names, params: [] })
    expect(made.map(({ name }) => name).sort()).toEqual(migrations.map(({ name }) => name))
  })

  it('tells `parley doctor` of each host, and what to change', async () => {
    const reports = await (await open()).check()
    expect(reports.length).toBeGreaterThan(0)
    for (const report of reports) {
      expect(report.engine).toMatch(/^Cassandra at /)
      expect(report.version).toMatch(/^\d+\.\d+/)
      expect(report.latency).toBeLessThan(1000)
      expect(Math.abs(report.clockSkew ?? Number.NaN)).toBeLessThan(1000)
      expect(report.settings.commitlog_sync).toMatch(/^(batch|group|periodic)$/)
      expect(report.settings.replication).toMatch(/: \d/)
      const alone = /: [12]\b/.test(report.settings.replication ?? '')
      expect(report.advice.some((line) => line.includes('ALTER KEYSPACE'))).toBe(alone)
    }
  })

  it('says what is wrong with a data centre, or a server that is not there', async () => {
    const elsewhere = `${url.split('?')[0]}?dc=nowhere`
    await expect(openCassandra(elsewhere, { ...world, node: 'n' })).rejects.toThrow(/no data centre nowhere/)
    const nothing = 'cassandra://127.0.0.1:1/parley?dc=here'
    await expect(openCassandra(nothing, { ...world, node: 'n' })).rejects.toThrow(/cannot be reached at 127.0.0.1:1/)
  })

  it('D2: sends are remembered for more than 30 days, and no longer than needed', async () => {
    const node = await open()
    const [conversation, ann] = [unique('c'), unique('u')]
    await appendUntilKnown(node, conversation, [message(ann, 'm1')], [], { projection: membersOf(conversation, [ann]) })
    const query = 'SELECT TTL(id) AS seconds FROM log WHERE conversation = ? AND bucket = 0 AND kind = 1'
    const [row] = await keyspace.connection.execute({ query, params: [conversation] })
    const days = Number(row?.seconds) / 86_400
    expect(days).toBeGreaterThan(30)
    expect(days).toBeLessThan(32)
  })
})
