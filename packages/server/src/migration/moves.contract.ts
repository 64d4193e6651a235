import type { UserId } from '@parley/protocol'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type MoveSource, openMoveSource } from '../adapters/sqlite/move-source.contract.ts'
import type { OwnImport } from '../conversations/own-move.ts'
import { type Rules, unique } from '../lib/stores.contract.ts'
import type { Entry } from '../log/entry.ts'
import type { LogImport } from '../log/log-move.ts'
import type { MessageSearch } from '../messages/message-search.ts'
import type { ReceiptImport } from '../messages/receipt-move.ts'
import type { QueueImport } from '../sync/queue-move.ts'
import { readQueue } from '../sync/queue-reading.contract.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import { CursorMove } from './cursor-move.ts'
import { LogMove } from './log-move.ts'
import type { Move } from './move.ts'
import { OwnMove } from './own-move.ts'
import { QueueMove } from './queue-move.ts'
import { ReceiptMove } from './receipt-move.ts'
import { Talk, type TalkStores } from './talk.contract.ts'

/** Where conversations and queues go. */
export interface MoveTarget extends TalkStores {
  queue: SyncQueue
  search: MessageSearch
  imports: { log: LogImport; own: OwnImport; receipts: ReceiptImport; queue: QueueImport }
}

/** Ways from a server that runs to stores that nobody uses yet; `imports` may be others that fail at times. */
function movesOf(source: MoveSource, target: MoveTarget, imports = target.imports): Move[] {
  const { log, conversations, search, receipts, queue } = target
  return [
    new LogMove(source.exports.log, { import: imports.log, log, conversations, search }, Date.now),
    new OwnMove(source.exports.own, imports.own),
    new ReceiptMove(source.exports.receipts, imports.receipts, receipts),
    new QueueMove(source.exports.queue, imports.queue, queue, Date.now),
    new CursorMove(source.exports.queue, queue),
  ]
}

async function addUsers({ accounts }: MoveSource, count: number): Promise<UserId[]> {
  const users = Array.from({ length: count }, () => unique('u'))
  for (const id of users) {
    const none = {
      avatar: undefined,
      password: undefined,
      deletedAt: undefined,
      suspension: undefined,
      operator: false,
    }
    await accounts.create({ id, username: unique('n'), displayName: id, settings: {}, createdAt: 1, ...none })
  }
  return users
}

async function allKeys(move: Move): Promise<string[]> {
  const keys: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await move.page(after, 2)
    keys.push(...page.keys)
    if (page.next === undefined) return keys
    after = page.next
  }
}

async function copyAll(moves: readonly Move[]): Promise<void> {
  for (const move of moves) await move.copy(await allKeys(move))
}

async function expectEqual(moves: readonly Move[]): Promise<void> {
  for (const move of moves) {
    for (const extent of ['whole', 'recent'] as const) {
      for (const [key, comparison] of await move.compare(await allKeys(move), extent)) {
        expect(comparison.likeness, `${move.kind} ${key}: ${comparison.source} and ${comparison.target}`).toBe('equal')
      }
    }
  }
}

/** Without what an adapter keeps beside it. */
const asEntry = ({ conversation, seq, id, kind, sender, device, clientMessageId, at, messages, own, body }: Entry) => ({
  ...{ conversation, seq, id, kind, sender, device, clientMessageId, at, messages, own, body },
})

/** Everything that a conversation shows through the ports. */
async function shownBy({ log, conversations, receipts }: TalkStores, talk: Talk, users: readonly UserId[]) {
  const loaded = await conversations.load(talk.id)
  const members = [...(loaded?.record.members ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
  const own = [...(loaded?.head.own ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
  const byUpTo = <Row extends { user: string; kind: string; upTo: number }>(rows: Row[]): Row[] =>
    rows.sort((a, b) => a.user.localeCompare(b.user) || a.kind.localeCompare(b.kind) || a.upTo - b.upTo)
  return {
    record: { ...loaded?.record, members },
    head: { ...loaded?.head, own },
    entries: (await log.read(talk.id, { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 10_000 })).map(asEntry),
    newest: (await log.read(talk.id, { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 3, newest: true })).map(
      asEntry,
    ),
    amendments: await log.amendments(talk.id, 1, talk.head + 1),
    sends: await talk.knownSends({ log, conversations, receipts }),
    authors: (await log.authors(talk.id, 0, talk.head)).sort(),
    latest: byUpTo(await receipts.latest(talk.id)),
    covering: byUpTo(await receipts.covering(talk.id, users, 0, talk.head)),
    own: await Promise.all(
      users.map(async (user) => ({
        settings: await conversations.settings(user, talk.id),
        mark: await conversations.readMark(user, talk.id),
        hidden: await conversations.hidden(user, talk.id, 0, talk.head),
        stars: await conversations.starsIn(user, talk.id, 0, talk.head),
        cleared: await conversations.cleared(user, talk.id),
      })),
    ),
  }
}

async function shownTo({ conversations }: TalkStores, users: readonly UserId[]) {
  return Promise.all(
    users.map(async (user) => ({
      // Of those that were active in the same millisecond each engine has its own order.
      inbox: (await conversations.inbox(user, undefined, 100)).sort(
        (a, b) => b.at - a.at || (a.conversation < b.conversation ? -1 : 1),
      ),
      conversations: (await conversations.conversationsOf(user)).sort(),
    })),
  )
}

async function expectSame(source: MoveSource, target: MoveTarget, talks: readonly Talk[], users: readonly UserId[]) {
  for (const talk of talks) expect(await shownBy(target, talk, users)).toEqual(await shownBy(source, talk, users))
  expect(await shownTo(target, users)).toEqual(await shownTo(source, users))
  for (const user of users) {
    const [here, there] = [await readQueue(source, user, '0'), await readQueue(target, user, '0')]
    expect(there.rows).toEqual(here.rows)
  }
}

async function withSource(use: (source: MoveSource) => Promise<void>): Promise<void> {
  const source = await openMoveSource()
  try {
    await use(source)
  } finally {
    await source.close()
  }
}

/** What somebody does, by numbers that are taken modulo what there is. */
type Deed = [
  what: 'say' | 'edit' | 'delete' | 'react' | 'leave' | 'join' | 'read' | 'own' | 'receive',
  a: number,
  b: number,
]
type Script = { deeds: Deed[]; copy: boolean; failAt: number }[]

const deeds = fc.tuple(
  fc.constantFrom(
    'say',
    'say',
    'say',
    'edit',
    'delete',
    'react',
    'leave',
    'join',
    'read',
    'own',
    'receive',
  ) as fc.Arbitrary<Deed[0]>,
  fc.nat(1000),
  fc.nat(1000),
) as fc.Arbitrary<Deed>
const scripts: fc.Arbitrary<Script> = fc.array(
  fc.record({ deeds: fc.array(deeds, { maxLength: 12 }), copy: fc.boolean(), failAt: fc.nat(12) }),
  { minLength: 1, maxLength: 5 },
)

async function perform([what, a, b]: Deed, stores: TalkStores, talk: Talk, users: readonly UserId[]): Promise<void> {
  const user = talk.present[a % talk.present.length] as UserId
  const target = 1 + (b % Math.max(1, talk.head))
  const messages = talk.sent.map(({ seq }) => seq).filter((seq) => !talk.deleted.has(seq))
  const message = messages[b % Math.max(1, messages.length)]
  if (message === undefined && (what === 'edit' || what === 'delete' || what === 'react')) return
  switch (what) {
    case 'say':
      await talk.say(stores, user, `words ${b}`)
      break
    case 'edit':
      await talk.do(stores, user, 'edit', { target: message, content: { text: `other words ${b}` } })
      break
    case 'delete':
      await talk.do(stores, user, 'delete', { target: message })
      talk.deleted.add(message ?? 0)
      break
    case 'react':
      await talk.do(stores, user, 'reaction', { target: message, emoji: '👍' })
      break
    case 'leave':
      if (talk.present.length > 1) await talk.do(stores, user, 'membership', { user, role: null })
      break
    case 'join':
      await talk.do(stores, user, 'membership', { user: users[b % users.length], role: 'member' })
      break
    case 'read':
      await talk.read(stores, user, target)
      break
    case 'own':
      if (b % 4 === 0) await talk.settle(stores, user, { pinned: b % 3 === 0 })
      else if (b % 4 === 1) await talk.hide(stores, user, target)
      else if (b % 4 === 2) await talk.star(stores, user, target, b % 3 !== 0)
      else await talk.clear(stores, user, target)
      break
    case 'receive':
      await talk.receive(stores, user, b % 2 === 0 ? 'delivered' : 'read', target)
      break
  }
}

/** Imports of a process that dies at its n-th write, before or behind it. */
function dying(imports: MoveTarget['imports'], at: number): MoveTarget['imports'] {
  let left = at
  const dead = (): never => {
    throw new Error('killed')
  }
  const mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (real, name) => {
        const method = Reflect.get(real, name) as (...args: unknown[]) => Promise<unknown>
        return async (...args: unknown[]) => {
          if (left-- <= 0) dead()
          const result = await method.apply(real, args)
          if (left <= 0 && at % 2 === 0) dead()
          return result
        }
      },
    })
  return {
    log: mortal(imports.log),
    own: mortal(imports.own),
    receipts: mortal(imports.receipts),
    queue: mortal(imports.queue),
  }
}

export const movesRules: Rules<MoveTarget> = {
  'a group, a direct conversation and one without a word read there as here': (stores) =>
    withSource(async (source) => {
      const target = await stores.node()
      const users = await addUsers(source, 4)
      const [ann, bob, eve, dan] = users as [UserId, UserId, UserId, UserId]
      const group = await Talk.group(source, [ann, bob, eve])
      const direct = await Talk.direct(source, ann, bob)
      const silent = await Talk.direct(source, eve, dan)
      for (let n = 0; n < 30; n++) await group.say(source, n % 2 === 0 ? ann : bob, `words ${n}`)
      await direct.say(source, bob, 'hello')
      await group.do(source, bob, 'edit', { target: 3, content: { text: 'better' } }, 'edited')
      await group.do(source, ann, 'delete', { target: 4 })
      await group.do(source, eve, 'reaction', { target: 3, emoji: '🙂' })
      await group.do(source, ann, 'membership', { user: eve, role: null })
      await group.receive(source, bob, 'delivered', 9, 1_700_000_000_000)
      await group.receive(source, bob, 'delivered', 20, 1_700_000_002_000)
      await group.receive(source, bob, 'read', 20, 1_700_000_003_000)
      // A read mark that was come across late, then an acknowledgement of before.
      await group.receive(source, ann, 'delivered', 5, 1_700_000_004_400)
      await group.receive(source, ann, 'delivered', 25, 1_700_000_003_900)
      await group.read(source, bob, 20)
      await group.settle(source, ann, { pinned: true })
      await group.hide(source, ann, 7)
      await group.star(source, ann, 8, true)
      await group.star(source, ann, 9, true)
      await group.star(source, ann, 8, false)
      await group.clear(source, bob, 5)
      await group.do(source, ann, 'conversation', { pins: [4, 9] })
      await group.do(source, ann, 'delete', { target: 9 })
      await source.queue.saveCursors([{ device: 'd1', user: ann, position: '5', lastSeenMessageId: '77' }])
      const moves = movesOf(source, target)
      await copyAll(moves)
      await expectEqual(moves)
      await expectSame(source, target, [group, direct, silent], users)
      expect(await target.queue.cursors(ann)).toEqual(await source.queue.cursors(ann))
    }),

  'D2, D3, D6: what was moved goes on: seqs behind the head, sends told apart, nobody makes a direct one anew': (
    stores,
  ) =>
    withSource(async (source) => {
      const target = await stores.node()
      const users = await addUsers(source, 3)
      const [ann, bob] = users as [UserId, UserId]
      const group = await Talk.group(source, users)
      const direct = await Talk.direct(source, ann, bob)
      for (let n = 0; n < 20; n++) await group.say(source, ann, `words ${n}`)
      await copyAll(movesOf(source, target))
      const starts = await Promise.all(users.map((user) => source.queue.head(user)))
      for (let n = 0; n < 20; n++) await group.say(target, bob, `more words ${n}`)
      await group.do(target, ann, 'delete', { target: 5 })
      await direct.say(target, bob, 'first')
      const entries = await target.log.read(group.id, { after: 0, before: 1_000, limit: 1_000 })
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: group.head }, (_, index) => index + 1))
      expect(entries.map(({ messages }) => messages).at(-1)).toBe(40)
      expect(entries[4]?.body).toBe('{"content":{}}')
      expect((await group.knownSends(target)).map((send) => send?.seq)).toEqual(group.sent.map(({ seq }) => seq))
      const loaded = await target.conversations.load(direct.id)
      expect(await target.conversations.createDirect({ ...loaded!.record, createdAt: 5 }, bob)).toBe(false)
      // Queues go on behind the positions they had, and every cursor of before is good.
      for (const [index, user] of users.entries()) {
        const { rows } = await readQueue(target, user, starts[index] as string)
        expect(rows.length).toBeGreaterThan(19)
        const all = await readQueue(target, user, '0')
        expect(all.rows.length).toBe(Number(starts[index]) + rows.length)
      }
      await group.settle(target, ann, { archived: true })
      await group.read(target, ann, 30)
      expect(await target.conversations.settings(ann, group.id)).toMatchObject({ settings: { archived: true } })
      expect(await target.conversations.readMark(ann, group.id)).toMatchObject({ read: 30 })
    }),

  'it may be done again, in pieces, while everybody talks, by processes that die: in the end it is the same': (
    stores,
    { runs },
  ) =>
    withSource(async (source) => {
      const target = await stores.node()
      await fc.assert(
        fc.asyncProperty(scripts, async (script) => {
          const users = await addUsers(source, 4)
          const group = await Talk.group(source, users.slice(0, 3))
          const own = [group, await Talk.direct(source, users[0]!, users[1]!)]
          for (const { deeds, copy, failAt } of script) {
            for (const [index, deed] of deeds.entries()) {
              const talk = index % 4 === 3 && 'say edit react read receive'.includes(deed[0]) ? own[1]! : group
              await perform(deed, source, talk, users)
            }
            if (!copy) continue
            for (const move of movesOf(source, target, dying(target.imports, failAt))) {
              await move.copy(await keysOf(move, own, users)).catch((error: Error) => {
                if (error.message !== 'killed') throw error
              })
            }
          }
          const moves = movesOf(source, target)
          for (const move of moves) await move.copy(await keysOf(move, own, users))
          for (const move of moves) {
            for (const [key, comparison] of await move.compare(await keysOf(move, own, users), 'whole'))
              expect(comparison.likeness, `${move.kind} ${key}`).toBe('equal')
          }
          await expectSame(source, target, own, users)
          await group.say(target, group.present[0]!, 'on we go')
        }),
        { numRuns: runs, endOnFailure: true },
      )
    }),

  'what is not there as it is here is found': (stores) =>
    withSource(async (source) => {
      const target = await stores.node()
      const users = await addUsers(source, 2)
      const [ann, bob] = users as [UserId, UserId]
      const group = await Talk.group(source, users)
      for (let n = 0; n < 12; n++) await group.say(source, ann, `words ${n}`)
      const moves = movesOf(source, target)
      await copyAll(moves)
      const likeness = async (kind: Move['kind'], key: string): Promise<string | undefined> =>
        (await moves.find((move) => move.kind === kind)?.compare([key], 'whole'))?.get(key)?.likeness
      await group.say(source, ann, 'one more')
      expect(await likeness('logs', group.id)).toBe('behind')
      expect(await likeness('queues', bob)).toBe('behind')
      await copyAll(moves)
      expect(await likeness('logs', group.id)).toBe('equal')
      const [stored] = await source.exports.log.entries(group.id, 6, 7, 1)
      const other = { ...stored!, body: '{"content":{"text":"forged"}}' }
      await target.imports.log.putEntries(group.id, [other], 1_000)
      expect(await likeness('logs', group.id)).toBe('different')
      await target.imports.own.putOwn([
        {
          user: ann,
          conversation: group.id,
          settings: { settings: { pinned: true }, at: 1_000_000 },
          mark: undefined,
          hidden: [],
          stars: [],
          cleared: 0,
          order: 1_000,
        },
      ])
      expect(await likeness('own', `${ann} ${group.id}`)).toBe('different')
      await target.imports.receipts.putWatermarks([
        { conversation: group.id, user: bob, kind: 'read', upTo: 3, at: 1_700_000_000_000 },
      ])
      await group.receive(source, bob, 'read', 5)
      await copyAll(moves)
      expect(await likeness('receipts', group.id)).toBe('different')
    }),
}

/** The keys of a move that these conversations and users have. */
async function keysOf(move: Move, talks: readonly Talk[], users: readonly UserId[]): Promise<string[]> {
  switch (move.kind) {
    case 'logs':
    case 'receipts':
      return talks.map(({ id }) => id)
    case 'own':
      return users.flatMap((user) => talks.map(({ id }) => `${user} ${id}`))
    default:
      return [...users]
  }
}
