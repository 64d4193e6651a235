import fc from 'fast-check'
import { expect } from 'vitest'
import {
  type ContractOptions,
  eventually,
  isUnavailable,
  type Rules,
  retry,
  type TestStores,
  unique,
} from '../lib/stores.contract.ts'
import { append, appendUntilKnown, message, readAll } from '../log/appending.contract.ts'
import type { ConversationRecord, MemberRecord } from '../log/conversation-record.ts'
import type { InboxRow } from './conversation-store.ts'

import {
  type ConversationNode,
  changeOf,
  createGroup,
  directOf,
  inboxPages,
  load,
  nodesOf,
  present,
} from './fixtures.contract.ts'
import { memberRowsRules } from './member-rows.contract.ts'

/** The order of an inbox may be of a moment ago where it is not exact. */
const ordered = (
  stores: TestStores<ConversationNode>,
  { exact }: ContractOptions,
  check: () => Promise<void>,
): Promise<void> => (exact ? check() : eventually(stores, check))

export const conversationStoreRules: Rules<ConversationNode> = {
  'knows nothing of what nobody made': async (stores) => {
    const { conversations } = await stores.node()
    const [user, none] = [unique('u'), unique('c')]
    expect(await retry(() => conversations.load(none))).toBeUndefined()
    expect(await retry(() => conversations.conversationsOf(user))).toEqual([])
    expect(await retry(() => conversations.inbox(user, undefined, 10))).toEqual([])
    expect(await retry(() => conversations.settings(user, none))).toEqual({ settings: {}, at: 0 })
    expect(await retry(() => conversations.readMark(user, none))).toBeUndefined()
    expect(await retry(() => conversations.hidden(user, none, 0, 100))).toEqual([])
    expect(await retry(() => conversations.stars(user))).toEqual([])
    expect(await retry(() => conversations.starsIn(user, none, 0, 100))).toEqual([])
    expect(await retry(() => conversations.cleared(user, none))).toBe(0)
  },

  'a direct conversation is made once, with both marks at 0 and an empty log': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const record = directOf(ann, bob, stores.now())
    await retry(() => node.conversations.createDirect(record, ann))
    expect(await retry(() => other.conversations.createDirect(record, bob))).toBe(false)
    const loaded = await load(other, record.id)
    expect(loaded.record).toEqual(record)
    expect(loaded.head).toMatchObject({ seq: 0, id: '0', at: record.createdAt, messages: 0, lastMessage: 0 })
    expect((await retry(() => other.log.head(record.id)))?.seq ?? 0).toBe(0)
    for (const user of [ann, bob]) {
      expect(await retry(() => other.conversations.readMark(user, record.id))).toEqual({ read: 0, messages: 0, own: 0 })
      expect(await retry(() => other.conversations.conversationsOf(user))).toEqual([record.id])
    }
  },

  'of nodes that make the same direct conversation at once, one is told that it did': async (stores, { runs }) => {
    const race = fc.asyncProperty(fc.nat(), async (seed) => {
      const nodes = [await stores.node(seed), await stores.node(seed + 1), await stores.node(seed + 2)]
      const record = directOf(unique('u'), unique('u'), stores.now())
      let unsure = 0
      const made = await Promise.all(
        nodes.map((node) =>
          retry(async () => {
            try {
              return await node.conversations.createDirect(record, record.members.keys().next().value!)
            } catch (error) {
              if (isUnavailable(error)) unsure++
              throw error
            }
          }),
        ),
      )
      const told = made.filter(Boolean).length
      if (unsure === 0) expect(told).toBe(1)
      else expect(told).toBeLessThanOrEqual(1)
      for (const node of nodes) expect((await load(node, record.id)).record).toEqual(record)
    })
    await fc.assert(race, { numRuns: Math.min(runs, 50) })
  },

  'a group is there with its opening entry': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const record = await createGroup(node, [ann, bob], stores.now())
    const loaded = await load(other, record.id)
    expect(loaded.record).toEqual(record)
    expect(loaded.head).toMatchObject({ seq: 1, messages: 0 })
    for (const user of [ann, bob]) {
      expect(await retry(() => other.conversations.conversationsOf(user))).toEqual([record.id])
      expect(await retry(() => other.conversations.readMark(user, record.id))).toEqual({ read: 1, messages: 0, own: 0 })
    }
  },

  'rows follow the log: who joins, leaves and comes back, and what changes of the conversation': async (
    stores,
    options,
  ) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob, eve] = [unique('u'), unique('u'), unique('u')]
    const opened = await createGroup(node, [ann, bob], stores.now())
    for (const reader of [node, other]) expect((await load(reader, opened.id)).record).toEqual(opened)
    await append(node, opened.id, [message(ann, 'm2'), message(bob, 'm3')], [ann, bob])
    const leave: MemberRecord = { user: bob, role: null, intervals: [{ from: 1, to: 4 }] }
    const left: ConversationRecord = { ...opened, asOf: 4 }
    const by = (body: object, kind: 'membership' | 'conversation' = 'membership') => ({ sender: ann, kind, body })
    await appendUntilKnown(node, opened.id, [by({ user: bob, role: null })], [ann, bob], {
      projection: changeOf(left, [leave]),
    })
    expect(await retry(() => other.conversations.conversationsOf(bob))).toEqual([])
    expect(await retry(() => other.conversations.inbox(bob, undefined, 10))).toEqual([])
    const changed: ConversationRecord = {
      ...left,
      title: 'Team',
      description: 'Us',
      history: 'all',
      pins: [2, 4],
      asOf: 5,
    }
    await appendUntilKnown(node, opened.id, [by({ title: 'Team' }, 'conversation')], [ann], {
      projection: changeOf(changed, []),
    })
    const back: MemberRecord = { user: bob, role: 'admin', intervals: [...leave.intervals, { from: 6, to: undefined }] }
    const joins = changeOf(
      { ...changed, asOf: 7 },
      [back, present(eve, 7)],
      [
        { user: bob, read: 6, messages: 2, own: 1 },
        { user: eve, read: 7, messages: 2, own: 0 },
      ],
    )
    const both = [by({ user: bob, role: 'admin' }), by({ user: eve, role: 'member' })]
    await appendUntilKnown(other, opened.id, both, [ann, bob, eve], { projection: joins })
    await append(other, opened.id, [message(eve, 'm8')], [ann, bob, eve])
    const { record, head } = await load(node, opened.id)
    const members = new Map([...opened.members, [bob, back], [eve, present(eve, 7)]])
    expect(record).toEqual({ ...changed, members, asOf: record.asOf })
    expect(record.asOf).toBeGreaterThanOrEqual(7)
    expect(record.asOf).toBeLessThanOrEqual(8)
    if (options.exact) expect(record.asOf, 'nothing is to be read again').toBe(8)
    expect(head).toMatchObject({ seq: 8, messages: 3 })
    expect(await retry(() => node.conversations.conversationsOf(bob))).toEqual([opened.id])
    expect(await retry(() => node.conversations.readMark(bob, opened.id))).toEqual({ read: 6, messages: 2, own: 1 })
    expect(await retry(() => node.conversations.readMark(eve, opened.id))).toEqual({ read: 7, messages: 2, own: 0 })
    expect(await retry(() => node.conversations.readMark(ann, opened.id))).toEqual({ read: 1, messages: 0, own: 0 })
  },

  'joining again does not take back what was read': async (stores) => {
    const node = await stores.node()
    const [ann, bob] = [unique('u'), unique('u')]
    const record = await createGroup(node, [ann, bob], stores.now())
    await append(node, record.id, [message(ann, 'm2')], [ann, bob])
    await retry(() => node.conversations.saveReadMark(bob, record.id, { read: 2, messages: 1, own: 0 }, '{}'))
    const stale = changeOf({ ...record, asOf: 3 }, [], [{ user: bob, read: 1, messages: 0, own: 0 }])
    const entry = { sender: ann, kind: 'membership' as const, body: { user: bob, role: 'member' } }
    await appendUntilKnown(node, record.id, [entry], [ann, bob], { projection: stale })
    expect(await retry(() => node.conversations.readMark(bob, record.id))).toMatchObject({ read: 2 })
  },

  'the inbox has what a user is in, newest activity first, each once over all pages': async (stores, options) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const groups: string[] = []
    for (let n = 0; n < 5; n++) {
      const { id } = await createGroup(node, [ann], stores.now())
      groups.unshift(id)
      await stores.pass(5)
    }
    await createGroup(node, [bob], stores.now())
    for (const limit of [1, 2, 5, 10]) {
      const rows = await inboxPages(other, ann, limit)
      expect(rows.map((row) => row.conversation)).toEqual(groups)
      for (const { conversation, at } of rows) expect(at).toBe((await load(other, conversation)).head.at)
    }
    await append(node, groups[3]!, [message(ann, 'm')], [ann], { now: stores.now() })
    await ordered(stores, options, async () => {
      const rows = await inboxPages(other, ann, 2)
      expect(rows.map((row) => row.conversation)).toEqual([groups[3], groups[0], groups[1], groups[2], groups[4]])
    })
  },

  'what is said where a user was once is not in the inbox': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const opened = await createGroup(node, [ann, bob], stores.now())
    await append(node, opened.id, [message(ann, 'm2')], [ann, bob])
    const leave: MemberRecord = { user: bob, role: null, intervals: [{ from: 1, to: 3 }] }
    const entry = { sender: bob, kind: 'membership' as const, body: { user: bob, role: null } }
    await appendUntilKnown(node, opened.id, [entry], [ann, bob], {
      projection: changeOf({ ...opened, asOf: 3 }, [leave]),
    })
    await append(node, opened.id, [message(ann, 'm4')], [ann])
    expect(await inboxPages(other, bob, 10)).toEqual([])
    expect((await inboxPages(other, ann, 10)).map(({ conversation }) => conversation)).toEqual([opened.id])
  },

  'rows of the same time are neither skipped nor repeated': async (stores) => {
    const node = await stores.node()
    const [ann] = [unique('u')]
    const at = stores.now()
    const ids: string[] = []
    for (let n = 0; n < 7; n++) {
      const record = directOf(ann, unique('u'), at)
      await retry(() => node.conversations.createDirect(record, ann))
      ids.push(record.id)
    }
    for (const limit of [1, 3, 7]) {
      const rows = await inboxPages(node, ann, limit)
      expect(rows.map((row) => row.conversation).sort()).toEqual([...ids].sort())
    }
  },

  'a direct conversation is in the inbox of its creator, and of the peer once it has a message': async (stores) => {
    const [node, other] = await nodesOf(stores)
    const [ann, bob] = [unique('u'), unique('u')]
    const record = directOf(ann, bob, stores.now())
    await retry(() => node.conversations.createDirect(record, ann))
    expect(await inboxPages(other, ann, 10)).toEqual([{ conversation: record.id, at: record.createdAt }])
    expect(await inboxPages(other, bob, 10)).toEqual([])
    await append(node, record.id, [message(ann, 'm1')], [ann, bob])
    const [entry] = await readAll(other, record.id)
    for (const user of [ann, bob]) {
      expect(await inboxPages(other, user, 10)).toEqual([{ conversation: record.id, at: entry!.at }])
    }
  },

  'names the conversations with entries since a time, in order of it': async (stores) => {
    const node = await stores.node()
    const ann = unique('u')
    const made: InboxRow[] = []
    await stores.pass(10)
    for (let n = 0; n < 3; n++) {
      const { id } = await createGroup(node, [ann], stores.now())
      made.push({ conversation: id, at: (await load(node, id)).head.at })
      await stores.pass(10)
    }
    await retry(() => node.conversations.createDirect(directOf(ann, unique('u'), stores.now()), ann))
    const since = (at: number, limit: number) => retry(() => node.conversations.activeSince(at, limit))
    expect(await since(made[0]!.at, 100)).toEqual(made)
    expect(await since(made[1]!.at, 100)).toEqual(made.slice(1))
    expect(await since(made[0]!.at, 2)).toEqual(made.slice(0, 2))
    expect(await since(made[2]!.at + 1, 100)).toEqual([])
  },

  ...memberRowsRules,
}
