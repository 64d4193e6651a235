import type { ReceiptsUpdate, Settings, Update } from '@parley/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { other } from '../testing/people.ts'
import { liveClient, newWorld, type World } from '../testing/sim-client.ts'
import { seeded } from '../testing/sim-clock.ts'

type What =
  | 'theirs'
  | 'mine'
  | 'edit'
  | 'hide'
  | 'set'
  | 'receipts'
  | 'read here'
  | 'read elsewhere'
  | 'repeat'
  | 'repeat all from'
  | 'break'
  | 'restart'
const weights: [What, number][] = [
  ['theirs', 6],
  ['mine', 3],
  ['edit', 1],
  ['hide', 1],
  ['set', 2],
  ['receipts', 3],
  ['read here', 2],
  ['read elsewhere', 2],
  ['repeat', 5],
  ['repeat all from', 2],
  ['break', 1],
  ['restart', 1],
]
const steps = fc.array(
  fc.record({
    what: fc.oneof(...weights.map(([what, weight]) => ({ weight, arbitrary: fc.constant(what) }))),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    pause: fc.constantFrom(0, 0, 1, 3, 200),
  }),
  { minLength: 5, maxLength: 50, size: 'max' },
)
type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never

/** What a device was told, over all its starts. */
class Heard {
  readonly messages: string[] = []
  readonly delivered: number[] = [0]
  readonly seen: number[] = [0]
  readonly read: number[] = [0]

  follow(client: Client): void {
    client.on('message', ({ conversation, seq }) => this.messages.push(`${conversation} ${seq}`))
    client.on('receipts', ({ delivered, read }) => {
      this.delivered.push(delivered)
      this.seen.push(read)
    })
    client.on('conversation', ({ read }) => this.read.push(read))
  }
}

const ascending = (marks: readonly number[]): boolean => marks.every((mark, at) => at === 0 || mark >= marks[at - 1]!)

/** A queue whose rows come again, and whose rows without a `seq` come in any order (rule Y2). */
class LateQueue {
  readonly #world
  readonly #random
  #setAt = 0
  readonly receipts = { delivered: 0, read: 0 }

  constructor(world: World, seed: number) {
    this.#world = world
    this.#random = seeded(seed)
    world.server.lag = () => Math.floor(this.#random.float() * 4)
  }

  /** An update that others may overtake. */
  late(update: Update): void {
    const { clock, server } = this.#world
    clock.after(Math.floor(this.#random.float() * 8), () => server.enqueue(update))
  }

  /** Rows that were given before. */
  again(share: number, count: number): void {
    const { server } = this.#world
    const from = Math.floor(share * server.queue.length)
    for (const { update } of server.queue.slice(from, from + count)) if (update) server.enqueue(update)
  }

  /** The other one's devices got on. */
  advance(share: number): void {
    const head = this.#world.server.log('c1').length
    const { delivered, read } = this.receipts
    this.receipts.delivered = Math.max(delivered, Math.ceil(share * head))
    if (share < 0.5) this.receipts.read = Math.max(read, Math.floor(share * this.receipts.delivered))
    const at = this.#world.clock.now()
    const member = { user: other, ...this.receipts, deliveredAt: at, seenAt: at }
    const update: ReceiptsUpdate = { kind: 'receipts', conversation: 'c1', members: [member] }
    this.late(update)
  }

  set(settings: Settings): void {
    const { server, clock } = this.#world
    server.settings.c1 = settings
    this.#setAt = Math.max(this.#setAt + 1, clock.now())
    this.late({ kind: 'settings', conversation: 'c1', ...settings, at: this.#setAt })
  }
}

async function take(world: World, queue: LateQueue, client: Client, heard: Heard, step: Step): Promise<Client> {
  const { server, clock } = world
  const { what, share } = step
  const head = server.log('c1').length
  const chat = client.conversation('c1')
  switch (what) {
    case 'theirs':
      server.say('c1', 'x')
      return client
    case 'mine':
      chat.send('y').catch(() => {})
      return client
    case 'edit': {
      const target = server.log('c1').find(({ kind, seq }) => kind === 'message' && seq >= share * head)
      if (target?.kind !== 'message') return client
      const common = { conversation: 'c1', seq: head + 1, target: target.seq, at: clock.now() }
      server.append({ kind: 'edit', ...common, content: { text: `${head}` }, by: target.sender })
      return client
    }
    case 'hide': {
      const target = server.rendered('c1').find(({ seq }) => seq >= share * head)
      if (target) server.hide('c1', target.seq)
      return client
    }
    case 'set':
      queue.set({ pinned: share < 0.5, mutedUntil: clock.now() })
      return client
    case 'receipts':
      queue.advance(share)
      return client
    case 'read here':
      void chat.read(Math.round(share * (chat.state?.head ?? 0)))
      return client
    case 'read elsewhere':
      server.readUpTo('c1', Math.round(share * head))
      return client
    case 'repeat':
      queue.again(share, 1)
      return client
    case 'repeat all from':
      queue.again(share, server.queue.length)
      return client
    case 'break':
      server.sessions.at(-1)?.end(1006)
      return client
    case 'restart': {
      await client.close()
      const next = await world.start({ seed: clock.now() })
      heard.follow(next)
      next.connect()
      return next
    }
  }
}

describe('rows of a late queue', () => {
  it('that come again or out of order count once: Y2, Y6, I2, I7', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer(), async (script, seed) => {
        const world = await newWorld()
        const { server, clock } = world
        server.log('c1')
        let client = await liveClient(world)
        const heard = new Heard()
        heard.follow(client)
        const queue = new LateQueue(world, seed)
        for (const step of script) {
          client = await take(world, queue, client, heard, step)
          await clock.advance(step.pause)
        }
        const quiet = (): boolean => client.state.status === 'live' && client.conversation('c1').pending().length === 0
        await clock.until('quiet', quiet)
        await clock.advance(5000)

        const messages = server.log('c1').filter(({ kind }) => kind === 'message')
        const told = heard.messages.toSorted()
        expect(new Set(told).size, `told twice of one: ${told}`).toBe(told.length)
        // What is hidden before it comes is not told of.
        const shown = server.rendered('c1').map(({ seq }) => `c1 ${seq}`)
        expect(shown.filter((line) => !told.includes(line))).toEqual([])
        expect(told.length).toBeLessThanOrEqual(messages.length)
        for (const marks of [heard.delivered, heard.seen, heard.read]) expect(marks).toSatisfy(ascending)
        const { head, read, unread, settings } = client.conversation('c1').state ?? {}
        expect({ head, read, unread, settings }).toEqual({
          head: server.log('c1').length,
          read: server.read.c1 ?? 0,
          unread: server.unread('c1'),
          settings: server.settings.c1 ?? {},
        })
        const stored = (await world.store.load()).conversations.find(({ id }) => id === 'c1')
        expect(stored?.receipts[other] ?? { delivered: 0, read: 0 }).toMatchObject(queue.receipts)
        const { items } = await clock.settling('list', client.conversation('c1').messages({ limit: 1000 }))
        expect(items.map(({ seq, content }) => ({ seq, content }))).toEqual(
          server.rendered('c1').map(({ seq, content }) => ({ seq, content })),
        )
        await client.close()
      }),
      { numRuns: 2000 },
    )
  })
})
