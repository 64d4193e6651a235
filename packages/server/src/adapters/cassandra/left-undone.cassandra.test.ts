import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directOf } from '../../conversations/fixtures.contract.ts'
import { isUnavailable, unique } from '../../lib/stores.contract.ts'
import { appendUntilKnown, batchOf, headOf, membersOf, message, readAll, seqsIn } from '../../log/appending.contract.ts'
import { emptyHead } from '../../log/entry.ts'
import { readQueue } from '../../sync/queue-reading.contract.ts'
import { FaultyConnection, on } from './faulty-connection.contract.ts'
import { migrations } from './migrations/all.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'
import { type TestNode, TestNodes } from './test-nodes.contract.ts'

describe.skipIf(server === '')(`what a node leaves undone on Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  let nodes: TestNodes
  let start: string
  beforeAll(async () => {
    keyspace = await makeTestKeyspace(migrations)
    nodes = new TestNodes(keyspace.connection)
    start = await (await nodes.node()).queue.head()
  })
  afterAll(async () => {
    await nodes.close()
    await keyspace.remove()
  })

  const broken = async (): Promise<[FaultyConnection, TestNode]> => {
    const faulty = new FaultyConnection(keyspace.connection)
    return [faulty, await nodes.node(faulty.connection)]
  }

  const refused = async (operation: Promise<unknown>): Promise<void> => {
    const outcome = await operation.then(
      () => undefined,
      (error: unknown) => error,
    )
    if (!isUnavailable(outcome)) throw outcome ?? new Error('it was not refused')
  }

  /** Before all rows of these tests, however long they take. */
  const queued = async (node: TestNode, user: string, conversation: string): Promise<number[]> => {
    const { rows } = await readQueue(node, user, start)
    return [...new Set(seqsIn(rows, conversation))]
  }

  /** A node dies with an entry that is stored; not all of what follows from it is. */
  const deserted = async (at: string, applied: boolean) => {
    const [faulty, node] = await broken()
    const [conversation, ann, bob] = [unique('c'), unique('u'), unique('u')]
    const projection = membersOf(conversation, [ann, bob])
    await node.log.append(batchOf(conversation, emptyHead(0), [message(ann, 'm1')], [ann, bob], { projection }))
    await node.stores.stop()
    faulty.dieAt(on(at), applied)
    const head = await headOf(await nodes.node(), conversation)
    await refused(node.log.append(batchOf(conversation, head, [message(ann, 'm2')], [ann, bob])))
    expect(faulty.isDead).toBe(true)
    return { node, conversation, ann, bob }
  }

  const deaths: [string, boolean][] = [
    ['log', true],
    ['queue', false],
    ['queue', true],
  ]

  describe.each(deaths)('a node that dies at %s, done: %s', (table, applied) => {
    it('the next append, over another node, completes it first', async () => {
      const { conversation, ann, bob } = await deserted(table, applied)
      const other = await nodes.node()
      const head = await headOf(other, conversation)
      expect(head.seq).toBe(2)
      await other.log.append(batchOf(conversation, head, [message(bob, 'm3')], [ann, bob]))
      for (const user of [ann, bob]) expect(await queued(other, user, conversation)).toEqual([1, 2, 3])
    })

    it('D2: a retry over another node is told the first result, and completes it before it answers', async () => {
      const { conversation, ann, bob } = await deserted(table, applied)
      const other = await nodes.node()
      const head = await headOf(other, conversation)
      const again = await other.log.append(batchOf(conversation, head, [message(ann, 'm2')], [ann, bob]))
      expect(again).toMatchObject({ status: 'duplicate', sends: new Map([[0, { seq: 2, id: head.id }]]) })
      await other.log.complete(conversation)
      for (const user of [ann, bob]) expect(await queued(other, user, conversation)).toEqual([1, 2])
    })

    it('I15: it is completed when the node is gone, and once only', async () => {
      const { node, conversation, ann, bob } = await deserted(table, applied)
      const other = await nodes.node()
      await other.log.completeLeft(new Set([node.id]))
      await other.log.completeLeft(new Set([...liveBut(node), other.id]))
      for (const user of [ann, bob]) expect(await queued(other, user, conversation)).toEqual([1, 2])
      expect(await other.log.completeLeft(new Set(liveBut(node)))).toBe(0)
    })
  })

  /** Ids of all nodes of these tests but one. */
  const liveBut = (gone: TestNode): string[] => nodes.ids.filter((id) => id !== gone.id)

  it('a reader of the history completes what is not young any more', async () => {
    const [faulty, node] = await broken()
    const [conversation, ann] = [unique('c'), unique('u')]
    faulty.dieAt(on('queue'), false)
    const now = Date.now() - 60_000
    const projection = membersOf(conversation, [ann])
    await refused(
      node.log.append(batchOf(conversation, emptyHead(0), [message(ann, 'm1')], [ann], { now, projection })),
    )
    const other = await nodes.node()
    expect(await queued(other, ann, conversation)).toEqual([])
    expect(await readAll(other, conversation)).toHaveLength(1)
    expect(await queued(other, ann, conversation)).toEqual([1])
  })

  it('a node completes by itself what it could not finish', async () => {
    const [faulty, node] = await broken()
    const [conversation, ann] = [unique('c'), unique('u')]
    faulty.dieAt(on('queue'), false)
    const projection = membersOf(conversation, [ann])
    await refused(node.log.append(batchOf(conversation, emptyHead(0), [message(ann, 'm1')], [ann], { projection })))
    faulty.heal()
    await node.stores.stop()
    const other = await nodes.node()
    expect(await queued(other, ann, conversation)).toEqual([1])
    expect(await other.log.completeLeft(new Set(liveBut(node)))).toBe(0)
  })

  it('who was removed by an entry that another node completes gets it, and none behind it', async () => {
    const [conversation, ann, bob] = [unique('c'), unique('u'), unique('u')]
    const [faulty, node] = await broken()
    const projection = membersOf(conversation, [ann, bob])
    const first = batchOf(conversation, emptyHead(0), [message(ann, 'm1')], [ann, bob], { projection })
    await node.log.append(first)
    faulty.dieAt(on('queue'), false)
    const leaves = { user: bob, role: null, intervals: [{ from: 1, to: 2 }] }
    const change = { ...projection, conversation: { ...projection.conversation, asOf: 2 }, members: [leaves] }
    const removal = { sender: ann, kind: 'membership' as const, body: { user: bob, role: null } }
    await refused(node.log.append(batchOf(conversation, first.head, [removal], [ann, bob], { projection: change })))
    const other = await nodes.node()
    await appendUntilKnown(other, conversation, [message(ann, 'm3')], [ann])
    expect(await queued(other, ann, conversation)).toEqual([1, 2, 3])
    expect(await queued(other, bob, conversation)).toEqual([1, 2])
    expect((await other.conversations.load(conversation))?.record.members.get(bob)).toEqual(leaves)
    expect(await other.conversations.conversationsOf(bob)).toEqual([])
  })

  it('a direct conversation whose maker died is there for everybody who asks for it', async () => {
    const [faulty, node] = await broken()
    const [ann, bob] = [unique('u'), unique('u')]
    const record = directOf(ann, bob, Date.now())
    faulty.dieAt(on('directs'), true)
    await refused(node.conversations.createDirect(record, ann))
    const other = await nodes.node()
    expect((await other.conversations.load(record.id))?.record).toEqual(record)
    expect(await other.conversations.conversationsOf(bob)).toEqual([record.id])
    expect(await other.conversations.createDirect(record, bob)).toBe(false)
    expect(await other.conversations.inbox(ann, undefined, 10)).toHaveLength(1)
    expect(await other.conversations.inbox(bob, undefined, 10)).toEqual([])
  })

  it('an append whose answer is lost is found to be done, with or without a clientMessageId', async () => {
    const [faulty, node] = await broken()
    const [conversation, ann] = [unique('c'), unique('u')]
    const projection = membersOf(conversation, [ann])
    faulty.loseAnswers(on('log', 'conditional'), 2)
    const first = batchOf(conversation, emptyHead(0), [message(ann, 'm1'), message(ann, 'm2')], [ann], { projection })
    expect(await node.log.append(first)).toMatchObject({ status: 'appended' })
    faulty.loseAnswers(on('log', 'conditional'), 1)
    const second = batchOf(conversation, first.head, [{ sender: ann, kind: 'membership', body: {} }], [ann])
    expect(await node.log.append(second)).toMatchObject({ status: 'appended' })
    expect(await readAll(node, conversation)).toHaveLength(3)
    expect(await queued(node, ann, conversation)).toEqual([1, 2, 3])
  })

  it('receipts too large for one batch are done in the end, all of them', async () => {
    const [faulty, node] = await broken()
    const [conversation, ann] = [unique('c'), unique('u')]
    const marks = Array.from({ length: 80 }, (_, n) => ({
      conversation,
      user: `${ann}-${n}`,
      kind: 'read' as const,
      upTo: 5,
      at: 10_000,
    }))
    const update = JSON.stringify({ kind: 'receipts', conversation, members: marks })
    faulty.dieAt(on('queue'), false)
    await refused(node.receipts.save(marks, [{ conversation, user: ann, update }]))
    const other = await nodes.node()
    const { rows: before } = await readQueue(other, ann, await other.queue.head())
    expect(before).toEqual([])
    await other.log.completeLeft(new Set(liveBut(node)))
    expect(await other.receipts.latest(conversation)).toHaveLength(80)
    const { rows } = await readQueue(other, ann, await other.queue.head())
    expect(rows.map(({ pointer }) => pointer)).toEqual([{ kind: 'update', update }])
  })
})
