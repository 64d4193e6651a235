import type { ConversationId, UserId } from '@parley/protocol'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type ContractOptions, endsWithin, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import { QueueChain } from '../sync/queue-reading.contract.ts'
import {
  appendUntilKnown,
  type Draft,
  headOf,
  type LogNode,
  membersOf,
  message,
  readAll,
  seqsIn,
} from './appending.contract.ts'
import type { StoredSend } from './conversation-log.ts'

/** One client's sends to one conversation, some of them gathered into one batch. */
interface Task {
  node: number
  conversation: number
  sender: number
  /** Sizes of the batches, one after the other. */
  batches: number[]
  /** The same sends go over another node too, at the same time: a client that reconnected. */
  twice: boolean
}

interface Plan {
  seed: number
  tasks: Task[]
  limits: number[]
}

const nodes = 3
const conversations = 2
const users = 3

const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  tasks: fc.array(
    fc.record({
      node: fc.nat(nodes - 1),
      conversation: fc.nat(conversations - 1),
      sender: fc.nat(users - 1),
      batches: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      twice: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  limits: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: nodes, maxLength: nodes }),
})

export async function racingAppendersRule(stores: TestStores<LogNode>, options: ContractOptions): Promise<void> {
  const race = fc.asyncProperty(plans, async (plan) => {
    const opened: LogNode[] = []
    for (let i = 0; i < nodes; i++) opened.push(await stores.node(plan.seed + i))
    await new Race(opened, plan, options.exact).run()
  })
  await fc.assert(race, { numRuns: options.runs })
}

class Race {
  readonly #nodes
  readonly #plan
  readonly #exact
  readonly #conversations = Array.from({ length: conversations }, () => unique('c'))
  readonly #users = Array.from({ length: users }, () => unique('u'))
  /** In the order of completing. */
  readonly #completed: { conversation: ConversationId; seq: number }[] = []
  #writing = true

  constructor(opened: readonly LogNode[], plan: Plan, exact: boolean) {
    this.#nodes = opened
    this.#plan = plan
    this.#exact = exact
  }

  async run(): Promise<void> {
    const chains: Promise<void>[] = []
    for (const user of this.#users) {
      for (const [index, node] of this.#nodes.entries()) {
        const start = await retry(() => node.queue.head(user))
        chains.push(this.#follow(user, node, start, this.#plan.limits[index]!))
      }
    }
    const written = Promise.all(this.#plan.tasks.map((task, index) => this.#write(task, index)))
    // Chains go on until the writing is over, also when it fails.
    const [stored] = await Promise.all([written.finally(() => (this.#writing = false)), ...chains])
    await this.#checkLogs(stored.flat())
  }

  async #write(task: Task, index: number): Promise<{ conversation: ConversationId; draft: Draft; send: StoredSend }[]> {
    const conversation = this.#conversations[task.conversation]!
    const sender = this.#users[task.sender]!
    const batches = task.batches.map((size, batch) =>
      Array.from({ length: size }, (_, n) => message(sender, `t${index}b${batch}n${n}`)),
    )
    const over = async (node: LogNode) => {
      const stored: { conversation: ConversationId; draft: Draft; send: StoredSend }[] = []
      for (const drafts of batches) {
        const projection = membersOf(conversation, this.#users)
        const sends = await appendUntilKnown(node, conversation, drafts, this.#users, { projection })
        for (const { seq } of sends) this.#completed.push({ conversation, seq })
        stored.push(...drafts.map((draft, i) => ({ conversation, draft, send: sends[i]! })))
      }
      return stored
    }
    const first = over(this.#nodes[task.node]!)
    if (!task.twice) return first
    const [one, two] = await Promise.all([first, over(this.#nodes[(task.node + 1) % nodes]!)])
    expect(two, 'D2: the same first result for everybody who asks').toEqual(one)
    return one
  }

  /**
   * A device: reads on and on from where it is. Everything that completed before a read is seen when it is done. Where
   * rows may be late, so is everything before a row that was seen; elsewhere a row never comes before its predecessor.
   */
  async #follow(user: UserId, node: LogNode, start: string, limit: number): Promise<void> {
    const seen = new Map(this.#conversations.map((conversation) => [conversation, new Set<number>()]))
    const chain = new QueueChain(node, user, start, { limit })
    const isLate = node.queue.late !== undefined
    let upTo = new Map<ConversationId, number>()
    let last = false
    let due = 0
    for (const round = endsWithin(200_000); ; round()) {
      if (chain.begins) {
        last ||= !this.#writing
        due = this.#completed.length
        upTo = new Map(
          this.#conversations.map((conversation) => [conversation, Math.max(0, ...seen.get(conversation)!)]),
        )
      }
      const page = await chain.read()
      for (const conversation of this.#conversations) {
        const before = seen.get(conversation)!
        for (const seq of seqsIn(page.rows, conversation)) {
          if (this.#exact) expect(before.has(seq), 'a row is given once').toBe(false)
          if (!isLate && !before.has(seq)) expect(seq, 'in seq order, without a hole').toBe(before.size + 1)
          before.add(seq)
        }
      }
      if (!page.complete) continue
      for (const { conversation, seq } of this.#completed.slice(0, due)) {
        expect(seen.get(conversation)!.has(seq), 'what completed before a read began has been seen').toBe(true)
      }
      for (const [conversation, newest] of upTo) {
        for (let seq = 1; seq < newest; seq++) {
          expect(seen.get(conversation)!.has(seq), 'a read that begins when a row was seen finds all before it').toBe(
            true,
          )
        }
      }
      if (last) return
    }
  }

  async #checkLogs(stored: readonly { conversation: ConversationId; draft: Draft; send: StoredSend }[]): Promise<void> {
    for (const conversation of this.#conversations) {
      const own = stored.filter((one) => one.conversation === conversation)
      const entries = await readAll(this.#nodes[0]!, conversation)
      for (const node of this.#nodes) {
        expect(await readAll(node, conversation)).toEqual(entries)
        expect((await headOf(node, conversation)).seq).toBe(own.length)
      }
      expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, index) => index + 1))
      expect(entries).toHaveLength(own.length)
      const counts = new Map<UserId, number>()
      for (const [index, entry] of entries.entries()) {
        if (index > 0) expect(BigInt(entry.id)).toBeGreaterThan(BigInt(entries[index - 1]!.id))
        counts.set(entry.sender, (counts.get(entry.sender) ?? 0) + 1)
        expect([entry.messages, entry.own]).toEqual([index + 1, counts.get(entry.sender)])
      }
      for (const { draft, send } of own) {
        const { sender, clientMessageId } = draft
        expect(entries[send.seq - 1]).toMatchObject({
          seq: send.seq,
          id: send.id,
          at: send.at,
          sender,
          clientMessageId,
        })
      }
    }
  }
}
