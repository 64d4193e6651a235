import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import { append, type Draft, type LogNode, message, readAll } from './appending.contract.ts'
import type { EntryRange } from './conversation-log.ts'

const everything: EntryRange = { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 1000 }

/** How a log is read. */
export const readingRules: Rules<LogNode> = {
  'reads after..before, the lowest or the newest of them, ascending': async (stores) => {
    const node = await stores.node()
    const [conversation, ann] = [unique('c'), unique('u')]
    for (const part of [[1, 2, 3], [4], [5, 6, 7, 8]]) {
      await append(
        node,
        conversation,
        part.map((n) => message(ann, `m${n}`)),
        [],
      )
    }
    const read = async (range: Partial<EntryRange>) => {
      const entries = await retry(() => node.log.read(conversation, { ...everything, ...range }))
      return entries.map((entry) => entry.seq)
    }
    expect(await read({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(await read({ after: 2, before: 6 })).toEqual([3, 4, 5])
    expect(await read({ after: 2, before: 6, newest: true })).toEqual([3, 4, 5])
    expect(await read({ after: 1, limit: 3 })).toEqual([2, 3, 4])
    expect(await read({ before: 7, limit: 3, newest: true })).toEqual([4, 5, 6])
    expect(await read({ limit: 2, newest: true })).toEqual([7, 8])
    expect(await read({ after: 4, before: 5 })).toEqual([])
    expect(await read({ after: 8 })).toEqual([])
    expect(await read({ after: 20, before: 10 })).toEqual([])
    await append(node, conversation, [{ sender: ann, kind: 'reaction', body: { target: 1, emoji: '👍' } }], [])
    await append(node, conversation, [message(ann, 'm10')], [])
    expect(await read({ after: 7, kind: 'message' })).toEqual([8, 10])
    expect(await read({ limit: 2, newest: true, kind: 'message' })).toEqual([8, 10])
    expect(await read({ limit: 1, kind: 'reaction' })).toEqual([9])
    expect(await read({ kind: 'edit' })).toEqual([])
  },

  'D4: finds the newest edit, delete and reaction of each user that amend a page': async (stores) => {
    const node = await stores.node()
    const [conversation, ann, bob] = [unique('c'), unique('u'), unique('u')]
    const amend = (sender: string, kind: Draft['kind'], body: { target: number; [key: string]: unknown }): Draft => ({
      sender,
      kind,
      body,
    })
    await append(node, conversation, [message(ann, 'm1'), message(ann, 'm2'), message(ann, 'm3')], [])
    const drafts = [
      amend(ann, 'edit', { target: 1, content: { text: 'first' } }), // 4
      amend(bob, 'reaction', { target: 1, emoji: '👍' }), // 5
      amend(ann, 'reaction', { target: 1, emoji: '🎉' }), // 6
      amend(ann, 'edit', { target: 2, content: { text: 'two' } }), // 7
      amend(bob, 'reaction', { target: 1, emoji: null }), // 8
      amend(ann, 'edit', { target: 1, content: { text: 'second' } }), // 9
      amend(ann, 'reaction', { target: 3, emoji: '❤️' }), // 10
    ]
    await append(node, conversation, drafts.slice(0, 3), [])
    await append(node, conversation, drafts.slice(3), [])
    const seqs = async (from: number, to: number) =>
      (await retry(() => node.log.amendments(conversation, from, to))).map((entry) => entry.seq)
    expect(await seqs(1, 1)).toEqual([6, 8, 9])
    expect(await seqs(2, 2)).toEqual([7])
    expect(await seqs(2, 3)).toEqual([7, 10])
    expect(await seqs(1, 10)).toEqual([6, 7, 8, 9, 10])
    expect(await seqs(4, 10)).toEqual([])
    const [edit] = await retry(() => node.log.amendments(conversation, 2, 2))
    expect(edit).toEqual((await readAll(node, conversation))[6])
    expect(JSON.parse(edit!.body)).toEqual({ target: 2, content: { text: 'two' } })
  },

  'a message deleted for everyone reads back without content, and so do its edits': async (stores) => {
    const node = await stores.node()
    const [conversation, ann] = [unique('c'), unique('u')]
    await append(node, conversation, [message(ann, 'm1'), message(ann, 'm2')], [])
    const edit = (target: number): Draft => ({ sender: ann, kind: 'edit', body: { target, content: { text: 'new' } } })
    await append(node, conversation, [edit(1), edit(2)], [])
    await append(node, conversation, [{ sender: ann, kind: 'delete', body: { target: 1 } }], [])
    const bodies = (await readAll(node, conversation)).map((entry) => JSON.parse(entry.body))
    expect(bodies[0].content).toEqual({})
    expect(bodies[1].content).toEqual({ text: 'm2' })
    expect(bodies[2]).toEqual({ target: 1, content: {} })
    expect(bodies[3]).toEqual({ target: 2, content: { text: 'new' } })
    expect(bodies[4]).toEqual({ target: 1 })
    const amendments = await retry(() => node.log.amendments(conversation, 1, 1))
    expect(amendments.map((entry) => [entry.kind, JSON.parse(entry.body)])).toEqual([
      ['edit', { target: 1, content: {} }],
      ['delete', { target: 1 }],
    ])
    // What was deleted is still the first result of its send (rule D2).
    expect(await retry(() => node.log.findSend(conversation, ann, 'm1'))).toMatchObject({ seq: 1 })
  },

  'Y6: counts the messages of a sender, and names the senders, in a stretch': async (stores) => {
    const node = await stores.node()
    const [conversation, ann, bob] = [unique('c'), unique('u'), unique('u')]
    const reaction: Draft = { sender: bob, kind: 'reaction', body: { target: 1, emoji: '👍' } }
    const drafts = [message(ann, 'm1'), reaction, message(ann, 'm3'), message(bob, 'm4'), message(ann, 'm5')]
    await append(node, conversation, drafts, [])
    const { log } = node
    expect(await retry(() => log.countOwn(conversation, ann, 0, 5))).toBe(3)
    expect(await retry(() => log.countOwn(conversation, ann, 1, 4))).toBe(1)
    expect(await retry(() => log.countOwn(conversation, bob, 0, 3))).toBe(0)
    expect(await retry(() => log.countOwn(conversation, bob, 3, 99))).toBe(1)
    expect(await retry(() => log.countOwn(conversation, ann, 4, 2))).toBe(0)
    expect((await retry(() => log.authors(conversation, 0, 5))).sort()).toEqual([ann, bob].sort())
    expect(await retry(() => log.authors(conversation, 0, 3))).toEqual([ann])
    expect(await retry(() => log.authors(conversation, 1, 2))).toEqual([])
  },
}
