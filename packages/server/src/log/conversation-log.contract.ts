import { expect } from 'vitest'
import { eventually, isUnavailable, type Rules, retry, unique } from '../lib/stores.contract.ts'
import { readQueue } from '../sync/queue-reading.contract.ts'
import {
  append,
  appendUntilKnown,
  batchOf,
  type Draft,
  fingerprintOf,
  headOf,
  type LogNode,
  membersOf,
  message,
  readAll,
  seqsIn,
} from './appending.contract.ts'
import { racingAppendersRule } from './appending-races.contract.ts'
import type { AppendBatch, AppendOutcome } from './conversation-log.ts'
import { emptyHead } from './entry.ts'
import { readingRules } from './reading.contract.ts'

/** For outcomes that repeating cannot change. */
const outcome = (node: LogNode, batch: AppendBatch): Promise<AppendOutcome> => retry(() => node.log.append(batch))

export const conversationLogRules: Rules<LogNode> = {
  'knows nothing of a conversation that was never appended to': async (stores) => {
    const node = await stores.node()
    const none = unique('c')
    expect(await retry(() => node.log.head(none))).toBeUndefined()
    expect(await readAll(node, none)).toEqual([])
    expect(await retry(() => node.log.amendments(none, 1, 100))).toEqual([])
    expect(await retry(() => node.log.findSend(none, 'nobody', 'm1'))).toBeUndefined()
    expect(await retry(() => node.log.countOwn(none, 'nobody', 0, 100))).toBe(0)
    expect(await retry(() => node.log.authors(none, 0, 100))).toEqual([])
    await retry(() => node.log.complete(none))
  },

  'D3: stores entries as given, 1, 2, 3…, and the head after them, for every node': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [conversation, ann, bob] = [unique('c'), unique('u'), unique('u')]
    const first = batchOf(conversation, emptyHead(0), [message(ann, 'm1'), message(bob, 'm2'), message(ann, 'm3')], [])
    const firstOutcome = await outcome(node, first)
    // A first answer that was lost makes it a duplicate: stored all the same.
    expect(['appended', 'duplicate']).toContain(firstOutcome.status)
    const reaction: Draft = { sender: bob, kind: 'reaction', clientMessageId: 'r1', body: { target: 1, emoji: '👍' } }
    const second = batchOf(conversation, first.head, [reaction, message(bob, 'm4', 'Grüße 🙂')], [])
    await outcome(other, second)
    for (const reader of [node, other]) {
      const expected = [...first.entries, ...second.entries].map(({ fingerprint: _, ...entry }) => entry)
      expect(await readAll(reader, conversation)).toEqual(expected)
      const head = await headOf(reader, conversation)
      expect(head).toEqual(second.head)
      expect(head).toMatchObject({ seq: 5, messages: 4, lastMessage: 5 })
      expect(head.own).toEqual(
        new Map([
          [ann, 2],
          [bob, 2],
        ]),
      )
    }
  },

  'writes nothing when the log has moved, and answers the present head': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [conversation, ann] = [unique('c'), unique('u')]
    const start = await retry(() => other.queue.head(ann))
    await append(node, conversation, [message(ann, 'm1'), message(ann, 'm2')], [ann])
    const head = await headOf(node, conversation)
    const stale = batchOf(conversation, emptyHead(0), [message(ann, 'm3')], [ann])
    expect(await outcome(other, stale)).toEqual({ status: 'moved', head })
    const ahead = batchOf(conversation, { ...head, seq: 7 }, [message(ann, 'm3')], [ann])
    expect(await outcome(other, ahead)).toEqual({ status: 'moved', head })
    expect(await retry(() => other.log.findSend(conversation, ann, 'm3'))).toBeUndefined()
    expect(await readAll(other, conversation)).toHaveLength(2)
    const { rows } = await readQueue(other, ann, start)
    expect(new Set(seqsIn(rows, conversation))).toEqual(new Set([1, 2]))
    // Nothing of what was refused is in the way of deciding again.
    expect(await appendUntilKnown(other, conversation, [message(ann, 'm3')], [ann])).toMatchObject([{ seq: 3 }])
  },

  'D2: a send is stored once per conversation and sender, and told before a moved head is': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [conversation, elsewhere, ann, bob] = [unique('c'), unique('c'), unique('u'), unique('u')]
    const drafts = [message(ann, 'm1'), message(ann, 'm2', 'two')]
    const [m1, m2] = await appendUntilKnown(node, conversation, drafts, [])
    const again = [message(ann, 'm9'), message(ann, 'm2', 'other'), message(bob, 'm1'), message(ann, 'm1')]
    const sends = new Map([
      [1, m2],
      [3, m1],
    ])
    const head = await headOf(other, conversation)
    expect(await outcome(other, batchOf(conversation, head, again, []))).toEqual({ status: 'duplicate', sends })
    const stale = batchOf(conversation, emptyHead(0), again, [])
    expect(await outcome(other, stale)).toEqual({ status: 'duplicate', sends })
    expect(await retry(() => other.log.findSend(conversation, ann, 'm2'))).toEqual(m2)
    expect(m2!.fingerprint).toBe(fingerprintOf(drafts[1]!))
    // Nothing of the refused batches was written, not even what was new in them.
    expect(await readAll(other, conversation)).toHaveLength(2)
    expect(await retry(() => other.log.findSend(conversation, ann, 'm9'))).toBeUndefined()
    expect(await appendUntilKnown(node, conversation, [message(bob, 'm1'), message(ann, 'm9')], [])).toMatchObject([
      { seq: 3 },
      { seq: 4 },
    ])
    expect(await appendUntilKnown(node, elsewhere, [message(ann, 'm1')], [])).toMatchObject([{ seq: 1 }])
  },

  'entries without a clientMessageId are never duplicates': async (stores) => {
    const node = await stores.node()
    const [conversation, ann] = [unique('c'), unique('u')]
    const joined: Draft = { sender: ann, kind: 'membership', body: { user: ann, role: 'member' } }
    await append(node, conversation, [joined], [])
    await append(node, conversation, [joined, { ...joined }], [])
    expect((await readAll(node, conversation)).map(({ seq, clientMessageId }) => [seq, clientMessageId])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ])
  },

  'D1: once appended, the entries are on the queue of everybody they go to': async (stores, { exact }) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const [conversation, ann, bob, eve] = [unique('c'), unique('u'), unique('u'), unique('u')]
    const starts = new Map<string, string>()
    for (const user of [ann, bob, eve]) starts.set(user, await retry(() => other.queue.head(user)))
    const drafts = [1, 2, 3, 4, 5].map((n) => message(ann, `m${n}`))
    const batch: AppendBatch = {
      ...batchOf(conversation, emptyHead(0), drafts, []),
      // Bob leaves with 2 and is back with 5; Eve joins with 4.
      audiences: [
        { users: [ann, bob], from: 1, to: 2 },
        { users: [ann], from: 3, to: 3 },
        { users: [ann, eve], from: 4, to: 4 },
        { users: [ann, eve, bob], from: 5, to: 5 },
      ],
    }
    const appended = await outcome(node, batch)
    if (appended.status === 'duplicate') await retry(() => node.log.complete(conversation))
    const expected = new Map([
      [ann, [1, 2, 3, 4, 5]],
      [bob, [1, 2, 5]],
      [eve, [4, 5]],
    ])
    for (const [user, seqs] of expected) {
      const { rows } = await readQueue(other, user, starts.get(user)!)
      const found = seqsIn(rows, conversation)
      expect([...new Set(found)], user).toEqual(seqs)
      if (exact) expect(found).toEqual(seqs)
      if (appended.status !== 'appended') continue
      const told = appended.places.filter((place) => place.user === user).map((place) => place.position)
      expect(told, 'one place for each range').toHaveLength(
        batch.audiences.filter((a) => a.users.includes(user)).length,
      )
      expect(rows.map((row) => row.position)).toEqual(expect.arrayContaining(told))
    }
  },

  'a range of a batch takes one row': async (stores, { exact }) => {
    const node = await stores.node()
    const [conversation, ann] = [unique('c'), unique('u')]
    const start = await retry(() => node.queue.head(ann))
    await append(node, conversation, [message(ann, 'm1'), message(ann, 'm2'), message(ann, 'm3')], [ann])
    const { rows } = await readQueue(node, ann, start)
    expect(rows[0]!.pointer).toEqual({ kind: 'entries', conversation, from: 1, to: 3 })
    if (exact) expect(rows).toHaveLength(1)
  },

  'completing what is complete changes nothing': async (stores, { exact }) => {
    const node = await stores.node()
    const [conversation, ann] = [unique('c'), unique('u')]
    const start = await retry(() => node.queue.head(ann))
    await append(node, conversation, [message(ann, 'm1')], [ann])
    for (let i = 0; i < 3; i++) await retry(() => node.log.complete(conversation))
    const seqs = seqsIn((await readQueue(node, ann, start)).rows, conversation)
    expect(new Set(seqs)).toEqual(new Set([1]))
    if (exact) expect(seqs).toEqual([1])
    expect(await readAll(node, conversation)).toHaveLength(1)
  },

  'I15: what somebody stored who never returns is on every queue in the end': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const users = [unique('u'), unique('u'), unique('u')]
    const starts = await Promise.all(users.map((user) => retry(() => other.queue.head(user))))
    const conversations = Array.from({ length: 12 }, () => unique('c'))
    for (const conversation of conversations) {
      const drafts = [message(users[0]!, 'm1'), message(users[1]!, 'm2')]
      const projection = membersOf(conversation, users)
      await node.log.append(batchOf(conversation, emptyHead(0), drafts, users, { projection })).catch((error) => {
        if (!isUnavailable(error)) throw error
      })
    }
    await eventually(stores, async () => {
      await retry(() => other.log.completeLeft(new Set()))
      for (const [index, user] of users.entries()) {
        const { rows } = await readQueue(other, user, starts[index]!)
        for (const conversation of conversations) {
          const stored = (await readAll(other, conversation)).map((entry) => entry.seq)
          expect([...new Set(seqsIn(rows, conversation))]).toEqual(stored)
        }
      }
    })
  },

  'D2: sends are forgotten once they are old, no earlier; their entries stay': async (stores) => {
    const node = await stores.node()
    const [conversation, ann] = [unique('c'), unique('u')]
    const drafts = [1, 2, 3].map((n) => message(ann, `old${n}`))
    await append(node, conversation, drafts, [])
    const [young] = await appendUntilKnown(node, conversation, [message(ann, 'young')], [])
    expect(await retry(() => node.log.trimSends(0, 1000))).toBe(0)
    await stores.expire?.(young!.at)
    for (let rounds = 0; rounds < 10_000; rounds++) {
      const count = await retry(() => node.log.trimSends(young!.at, 2))
      expect(count).toBeLessThanOrEqual(2)
      if (count === 0) break
    }
    for (const draft of drafts) {
      expect(await retry(() => node.log.findSend(conversation, ann, draft.clientMessageId!))).toBeUndefined()
    }
    expect(await retry(() => node.log.findSend(conversation, ann, 'young'))).toEqual(young)
    expect(await readAll(node, conversation)).toHaveLength(4)
    expect(await appendUntilKnown(node, conversation, [message(ann, 'old1')], [])).toMatchObject([{ seq: 5 }])
  },

  'nodes that race: one dense order, nothing stored twice, nothing lost on any queue': racingAppendersRule,

  ...readingRules,
}
