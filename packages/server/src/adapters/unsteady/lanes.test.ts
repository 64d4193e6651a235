import type { UserId } from '@parley/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { endsWithin } from '../../lib/stores.contract.ts'
import { readAll, seqsIn } from '../../log/appending.contract.ts'
import { ConversationStates } from '../../log/conversation-states.ts'
import { emptyGroup, foldEntry, inInterval } from '../../log/fold.ts'
import { type Delivery, Lanes } from '../../log/lanes.ts'
import { type Appended, type Draft, nothingToDo, type Operation } from '../../log/operation.ts'
import { composeSnowflake } from '../../log/snowflake-parts.ts'
import { readQueue } from '../../sync/queue-reading.contract.ts'
import { MemoryConversationLog } from '../memory/conversation-log.ts'
import { MemoryConversationStore } from '../memory/conversation-store.ts'
import { MemoryStores } from '../memory/stores.ts'
import { MemorySyncQueue } from '../memory/sync-queue.ts'
import { UnsteadyConversationLog } from './conversation-log.ts'
import { type FaultRates, Faults } from './faults.ts'
import { unsteady } from './unsteady.ts'

const rates: FaultRates = { turns: 3, refused: 0.06, lost: 0.06, late: 0.05, died: 0.04 }
const conversation = 'team'
const users = ['ann', 'bob', 'eve', 'joe']

/** A node's lanes over stores that misbehave; what it delivers is kept. */
function openNode(stores: MemoryStores, seed: number) {
  const faults = new Faults(seededRandom(seed), systemClock, rates)
  const log = new UnsteadyConversationLog(new MemoryConversationLog(stores, systemClock), faults)
  const states = new ConversationStates(unsteady(new MemoryConversationStore(stores, systemClock), faults), log)
  const delivered: Delivery[] = []
  let time = 1_800_000_000_000
  const nextId = (after: string) => {
    const next = (BigInt(after) >> 22n) + 1_704_067_200_001n
    time = Math.max(time + 1, Number(next))
    return { id: composeSnowflake(time, seed & 0xfff), at: time }
  }
  const lanes = new Lanes({
    log,
    states,
    nextId,
    ensureIds: () => undefined,
    deliver: (delivery) => delivered.push(delivery),
  })
  return { log, lanes, delivered }
}

type Node = ReturnType<typeof openNode>

function ask(node: Node, operation: Omit<Operation, 'settle' | 'size' | 'device'>): Promise<Appended | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: Appended | AppError | undefined) =>
      outcome instanceof AppError ? reject(outcome) : resolve(outcome)
    node.lanes.submit(conversation, { ...operation, device: 'd', size: 64, settle })
  })
}

const draftOf = (kind: Draft['kind'], body: object): Draft => ({ kind, body: JSON.stringify(body) })

/** As a client: over any node, again and again until it is answered for good. */
async function insist<T>(nodes: readonly Node[], start: number, attempt: (node: Node) => Promise<T>): Promise<T> {
  const round = endsWithin(500)
  for (let n = start; ; n++) {
    round()
    try {
      return await attempt(nodes[n % nodes.length]!)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unavailable') throw error
    }
  }
}

const plans = fc.record({
  seed: fc.nat(),
  /** Messages of each client, and over which node it begins. */
  senders: fc.array(fc.record({ node: fc.nat(2), user: fc.nat(1), messages: fc.integer({ min: 1, max: 6 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  /** Joe and Eve come and go. */
  moves: fc.array(fc.record({ node: fc.nat(2), user: fc.constantFrom('eve', 'joe'), present: fc.boolean() }), {
    maxLength: 6,
  }),
})

it('D1–D5, I15: nodes with lanes over unsteady stores keep one log, and place it on the queues of its members', {
  timeout: 60_000,
}, async () => {
  const race = fc.asyncProperty(plans, async ({ seed, senders, moves }) => {
    const stores = new MemoryStores()
    const record = emptyGroup(conversation, 1)
    const opening = { members: [...record.members.values()], joined: [] }
    stores.project({ conversation: { ...record }, ...opening })
    const nodes = [0, 1, 2].map((n) => openNode(stores, seed + n))
    const body = { title: 'Team', members: ['ann', 'bob', 'eve'].map((user) => ({ user, role: 'member' })) }
    const create = { sender: 'ann', clientMessageId: undefined, fingerprint: undefined }
    await insist(nodes, 0, (node) =>
      ask(node, { ...create, decide: (state) => (state.seq > 0 ? nothingToDo : draftOf('conversation', body)) }),
    )

    const answers = new Map<string, Appended>()
    const talk = async ({ node: over, user, messages }: (typeof senders)[number], client: number) => {
      const sender = users[user]!
      for (let n = 0; n < messages; n++) {
        const clientMessageId = `c${client}m${n}`
        const draft = draftOf('message', { content: { text: clientMessageId } })
        const operation = { sender, clientMessageId, fingerprint: clientMessageId, decide: () => draft }
        const answer = await insist(nodes, over + n, (node) => ask(node, operation))
        answers.set(clientMessageId, answer!)
      }
    }
    const move = async () => {
      for (const { node: over, user, present } of moves) {
        const change = draftOf('membership', { user, role: present ? 'member' : null })
        const decide: Operation['decide'] = (state) => (state.isPresent(user) === present ? nothingToDo : change)
        await insist(nodes, over, (node) => ask(node, { ...create, decide }))
      }
    }
    await Promise.all([...senders.map(talk), move()])
    // Whoever asks next completes what was left: a reader of the history, the janitor.
    await insist(nodes, 0, (node) => node.log.complete(conversation))
    await judge(stores, nodes, answers, moves.length)
  })
  await fc.assert(race, { numRuns: 1000 })
})

async function judge(
  stores: MemoryStores,
  nodes: Node[],
  answers: Map<string, Appended>,
  moves: number,
): Promise<void> {
  const log = new MemoryConversationLog(stores, systemClock)
  const queue = new MemorySyncQueue(stores, systemClock)
  const entries = await readAll({ log, queue }, conversation)
  expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => index + 1))
  const messages = entries.filter((entry) => entry.kind === 'message')
  expect(messages.map((entry) => entry.clientMessageId).sort(), 'each once').toEqual([...answers.keys()].sort())
  for (const [clientMessageId, { seq, id }] of answers) {
    expect(entries[seq - 1]).toMatchObject({ id, clientMessageId })
  }
  const order = new Map<string, number>()
  for (const { clientMessageId } of messages) {
    const [client, n] = clientMessageId!.slice(1).split('m') as [string, string]
    expect(Number(n), 'D3: in the order sent').toBe((order.get(client) ?? -1) + 1)
    order.set(client, Number(n))
  }
  expect(entries.length - messages.length, 'the opening, and at most one entry for each move').toBeLessThanOrEqual(
    moves + 1,
  )
  let record = emptyGroup(conversation, 1)
  for (const [index, entry] of entries.entries()) {
    if (index > 0) expect(BigInt(entry.id)).toBeGreaterThan(BigInt(entries[index - 1]!.id))
    record = foldEntry(record, entry).record
  }
  const projected = (await new MemoryConversationStore(stores, systemClock).load(conversation))!.record
  expect(projected.members).toEqual(record.members)
  for (const user of users) {
    const { rows } = await readQueue({ queue }, user, '0')
    const seqs = seqsIn(rows, conversation)
    const member = record.members.get(user)
    const due = entries.map((entry) => entry.seq).filter((seq) => inInterval(member, seq))
    expect([...new Set(seqs)], `D5: ${user} has what happened while there, in order`).toEqual(due)
  }
  for (const { delivered } of nodes) {
    const seqs = delivered.flatMap(({ batch }) => batch.entries.map((entry) => entry.seq))
    expect(seqs, 'hints of a node come in seq order').toEqual([...seqs].sort((a, b) => a - b))
    for (const { batch, places } of delivered) {
      const expected = batch.audiences.flatMap((audience) => audience.users)
      expect(places.map((place: { user: UserId }) => place.user)).toEqual(expected)
    }
  }
}

it('D3: what could not be decided fails together with what waits behind it', async () => {
  const stores = new MemoryStores()
  stores.project({ conversation: emptyGroup(conversation, 1), members: [], joined: [] })
  const log = new MemoryConversationLog(stores, systemClock)
  const states = new ConversationStates(new MemoryConversationStore(stores, systemClock), log)
  let time = 1_800_000_000_000
  const nextId = () => ({ id: composeSnowflake(++time, 0), at: time })
  const lanes = new Lanes({ log, states, nextId, ensureIds: () => undefined, deliver: () => {} })
  const outcomes: unknown[] = []
  const submit = (clientMessageId: string, decide: Operation['decide']) =>
    new Promise<void>((resolve) => {
      const settle: Operation['settle'] = (outcome) => {
        outcomes.push(outcome instanceof AppError ? outcome.code : outcome?.seq)
        resolve()
      }
      const name = { clientMessageId, fingerprint: clientMessageId }
      lanes.submit(conversation, { sender: 'ann', device: 'd', ...name, size: 64, decide, settle })
    })
  const draft = draftOf('message', { content: { text: 'x' } })
  const lookAside = async () => {
    throw new AppError('unavailable', 'The store did not answer.')
  }
  await Promise.all([submit('reply', lookAside), submit('next', () => draft)])
  await submit('reply', () => draft)
  expect(outcomes).toEqual(['unavailable', 'unavailable', 1])
})
