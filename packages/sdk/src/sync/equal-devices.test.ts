import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Client } from '../client.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { other } from '../testing/people.ts'
import { closeClient, newWorld, session, slowStore, type World } from '../testing/sim-client.ts'
import { seeded } from '../testing/sim-clock.ts'

type What =
  | 'theirs'
  | 'mine'
  | 'edit'
  | 'my edit'
  | 'reaction'
  | 'my reaction'
  | 'delete'
  | 'hide'
  | 'page'
  | 'break'
  | 'restart'
  | 'reset'
  | 'stale'
const weights: [What, number][] = [
  ['theirs', 6],
  ['mine', 4],
  ['edit', 3],
  ['my edit', 2],
  ['reaction', 3],
  ['my reaction', 2],
  ['delete', 1],
  ['hide', 1],
  ['page', 1],
  ['break', 1],
  ['restart', 1],
  ['reset', 1],
  ['stale', 1],
]
const steps = fc.array(
  fc.record({
    what: fc.oneof(...weights.map(([what, weight]) => ({ weight, arbitrary: fc.constant(what) }))),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    pause: fc.constantFrom(0, 0, 1, 3, 200),
  }),
  { minLength: 5, maxLength: 50, size: 'max' },
)

/** A message of whoever, not deleted, or none. */
function pick({ server }: World, share: number, sender?: string): number | undefined {
  const targets = server
    .rendered('c1')
    .filter((message) => message.deletedAt === undefined && (!sender || message.sender === sender))
  return targets[Math.floor(share * (targets.length - 1))]?.seq
}

function amend(world: World, client: Client, what: What, share: number): void {
  const { server, clock } = world
  const chat = client.conversation('c1')
  const target = pick(world, share, what === 'edit' ? other : what === 'my edit' ? 'me' : undefined)
  if (target === undefined) return
  const common = { conversation: 'c1', seq: server.log('c1').length + 1, target, at: clock.now() }
  if (what === 'edit') server.append({ kind: 'edit', ...common, content: { text: `${common.seq}` }, by: other })
  if (what === 'delete') server.append({ kind: 'delete', ...common, by: other })
  if (what === 'reaction') server.append({ kind: 'reaction', ...common, user: other, emoji: share < 0.3 ? null : '👍' })
  if (what === 'hide') server.hide('c1', target)
  if (what === 'my edit') chat.edit(target, `mine ${common.seq}`).catch(() => {})
  if (what === 'my reaction') chat.react(target, share < 0.3 ? null : '❤️').catch(() => {})
}

async function take(
  world: World,
  client: Client,
  { what, share }: { what: What; share: number },
  slow: Store,
): Promise<Client> {
  const { server, store } = world
  switch (what) {
    case 'theirs':
      server.say('c1', 'x')
      return client
    case 'mine':
      client
        .conversation('c1')
        .send('y')
        .catch(() => {})
      return client
    case 'page':
      client
        .conversation('c1')
        .messages({ limit: 10 })
        .catch(() => {})
      return client
    case 'break':
      server.sessions.at(-1)?.end(1006)
      return client
    case 'reset':
      server.floor = server.queue.length + 1
      server.sessions.at(-1)?.end(1006)
      return client
    case 'restart':
    case 'stale': {
      await closeClient(world, client)
      // The store of a device may be a copy from before: what it has not acknowledged comes again.
      const { cursor } = await store.load()
      if (what === 'stale' && cursor !== undefined) {
        await store.apply({ cursor: String(Math.floor(share * Number(cursor))) })
      }
      const next = await world.start({ seed: world.clock.now(), store: slow })
      next.connect()
      return next
    }
    default:
      amend(world, client, what, share)
      return client
  }
}

async function everything(world: World, client: Client): Promise<object> {
  const { items } = await world.clock.settling('list', client.conversation('c1').messages({ limit: 1000 }))
  const { head, unread } = client.conversation('c1').state ?? {}
  return { head, unread, items }
}

describe('two devices', () => {
  it('show the same: one that went through it all, one that comes at the end, and the server', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer(), async (script, seed) => {
        const world = await newWorld()
        const { server, clock } = world
        const random = seeded(seed)
        server.log('c1')
        server.pageTime = Math.floor(random.float() * 5)
        server.lag = () => Math.floor(random.float() * 3)
        const slow = slowStore(world.store, clock, () => Math.floor(random.float() * (random.float() < 0.1 ? 1000 : 4)))
        let client = await world.start({ store: slow })
        client.connect()
        await clock.until('live', () => client.state.status === 'live')
        for (const step of script) {
          client = await take(world, client, step, slow)
          await clock.advance(step.pause)
        }
        const quiet = (): boolean => client.state.status === 'live' && client.conversation('c1').pending().length === 0
        await clock.until('quiet', quiet)
        await clock.advance(5000)
        const store = memoryStore()
        await store.apply({ session })
        const { openSocket, fetch } = server
        const fresh = await Client.open({ server: 'http://server.test', store, clock, random, openSocket, fetch })
        fresh.connect()
        await clock.until('live', () => fresh.state.status === 'live')
        const truth = { head: server.log('c1').length, unread: server.unread('c1'), items: server.rendered('c1') }
        expect(await everything(world, fresh)).toEqual(truth)
        expect(await everything(world, client)).toEqual(truth)
        await closeClient(world, client)
        await fresh.close()
      }),
      { numRuns: 2000 },
    )
  })
})
