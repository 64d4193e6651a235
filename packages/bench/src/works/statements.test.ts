import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { count, isOfQueueReader, isRead, readStatements, since } from './statements.ts'

it('statements are added up over all nodes, and told apart by what they are for', async () => {
  let asked = 0
  const line = (kind: string, table: string, value: number) =>
    `parley_engine_statements_total{engine="cassandra",kind="${kind}",table="${table}"} ${value}`
  const server = createServer((_, response) => {
    asked += 10
    const lines = [line('read', 'queue', asked), line('serial read', 'log', 1), line('conditional', 'log', 2 * asked)]
    response.end(['# TYPE parley_engine_statements_total counter', ...lines].join('\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const before = await readStatements([endpoint])
  const statements = since(before, await readStatements([endpoint, endpoint]))
  server.close()
  expect(count(statements, isOfQueueReader)).toBe(20 + 30 - 10)
  expect(count(statements, (name) => isRead(name) && !isOfQueueReader(name))).toBe(1)
  expect(statements.get('cassandra conditional log')).toBe(2 * 40)
})
