import { expect, it } from 'vitest'
import { type MemoryClusterNode, openMemoryCluster, type TestAccount } from './memory-cluster.contract.ts'

const find = async (at: MemoryClusterNode, who: TestAccount, query: string) => {
  const { items } = await at.call<{ items: { seq: number }[] }>(who, 'GET', '/v1/search', { query: { query } })
  return items.map(({ seq }) => seq)
}

it('what is said on any node is found on every other within 2 s, edits and deletions too', async () => {
  const { node, nodes, person, direct, settle } = await openMemoryCluster()
  for (const { indexer } of nodes) indexer.start()
  const [alice, bob] = [await person(), await person()]
  const chat = await direct(alice, bob)
  const say = (at: number, who: TestAccount, text: string) =>
    node(at).call(who, 'POST', `/v1/conversations/${chat}/messages`, {
      body: { clientMessageId: text, content: { text } },
    })
  await Promise.all([say(0, alice, 'first'), settle()])
  await Promise.all([say(1, bob, 'second'), settle()])
  await settle(2000)
  for (const at of nodes) expect([await find(at, bob, 'first'), await find(at, alice, 'second')]).toEqual([[1], [2]])
  const edit = { body: { content: { text: 'changed' } } }
  await Promise.all([node(2).call(alice, 'PATCH', `/v1/conversations/${chat}/messages/1`, edit), settle()])
  await settle(2000)
  for (const at of nodes) expect([await find(at, bob, 'first'), await find(at, bob, 'changed')]).toEqual([[], [1]])
})

it('what a node had not indexed when it died is found by the one that leads', async () => {
  const { node, nodes, person, direct, settle, clock } = await openMemoryCluster()
  const [alice, bob] = [await person(node(1)), await person(node(1))]
  const chat = await direct(alice, bob, node(1))
  for (const { indexer } of nodes.slice(0, 2)) indexer.start()
  await settle(30_000)
  // The third one appends, and dies before it indexes.
  const body = { clientMessageId: 'm', content: { text: 'orphan' } }
  await Promise.all([node(2).call(alice, 'POST', `/v1/conversations/${chat}/messages`, { body }), clock.advance(100)])
  node(2).kill()
  await settle(3000)
  expect(await find(node(0), bob, 'orphan')).toEqual([1])
})
