import type { UserId } from '@parley/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchBuilder } from './batch.ts'
import type { AppendBatch, NewEntry } from './conversation-log.ts'
import { ConversationModel, type Step } from './conversation-model.contract.ts'
import type { ConversationRecord, MemberRecord } from './conversation-record.ts'
import { ConversationState } from './conversation-state.ts'
import { emptyHead } from './entry.ts'
import { emptyGroup, foldEntry, inInterval, joinedSeq, mayReadHistory, presentMembers } from './fold.ts'

const users = ['ann', 'bob', 'eve', 'joe', 'kim']
const user = fc.constantFrom(...users)
const role = fc.constantFrom('owner', 'admin', 'member' as const)
const text = fc.constantFrom('a', 'b', 'c')
const target = fc.integer({ min: 1, max: 5 })

const bodies: { weight: number; arbitrary: fc.Arbitrary<Step['draft']> }[] = [
  { weight: 5, arbitrary: draft('message', fc.record({ content: fc.record({ text }) })) },
  { weight: 1, arbitrary: draft('edit', fc.record({ target, content: fc.record({ text }) })) },
  { weight: 1, arbitrary: draft('delete', fc.record({ target })) },
  { weight: 1, arbitrary: draft('reaction', fc.record({ target, emoji: fc.constantFrom('👍', null) })) },
  { weight: 5, arbitrary: draft('membership', fc.record({ user, role: fc.option(role, { freq: 2 }) })) },
  {
    weight: 2,
    arbitrary: draft(
      'conversation',
      fc.record(
        {
          title: text,
          description: text,
          avatar: text,
          history: fc.constantFrom('joined', 'all' as const),
          pins: fc.uniqueArray(target, { maxLength: 3 }),
        },
        { requiredKeys: [] },
      ),
    ),
  },
]

function draft(kind: Step['draft']['kind'], body: fc.Arbitrary<object>): fc.Arbitrary<Step['draft']> {
  return body.map((given) => ({ kind, body: JSON.stringify(given) }))
}

const opening = fc.record({
  sender: user,
  draft: draft(
    'conversation',
    fc.record({
      title: text,
      members: fc
        .uniqueArray(user, { minLength: 1, maxLength: 4 })
        .chain((chosen) => fc.tuple(...chosen.map((one) => fc.record({ user: fc.constant(one), role })))),
    }),
  ),
})
const step = fc.record({ sender: user, draft: fc.oneof(...bodies) })
/** A group from its opening on, and after which entries a batch ends. */
const story = fc
  .tuple(opening, fc.array(step, { maxLength: 24, size: 'max' }))
  .map(([first, rest]): Step[] => [first, ...rest])
const cuts = fc.array(fc.boolean(), { minLength: 25, maxLength: 25 })

const id = 'team'

/** As a log does it: batches decided on a head, then taken in. */
function append(steps: readonly Step[], ends: readonly boolean[]) {
  const state = new ConversationState(emptyGroup(id, 1), emptyHead(1))
  const batches: AppendBatch[] = []
  let builder = new BatchBuilder(state)
  for (const [index, { sender, draft: given }] of steps.entries()) {
    const operation = {
      sender,
      device: `${sender}-phone`,
      clientMessageId: `m${index}`,
      fingerprint: 'f',
      size: 1,
      decide: () => given,
      settle: () => {},
    }
    builder.add(operation, given, (after) => ({ id: String(Number(after) + 7), at: Number(after) }))
    if (!ends[index] && index < steps.length - 1) continue
    const batch = builder.build()
    batches.push(batch)
    for (const entry of batch.entries) state.apply(entry)
    builder = new BatchBuilder(state)
  }
  return { state, batches, entries: batches.flatMap((batch) => batch.entries) }
}

/** Rows by user and by conversation, written batch by batch. */
function project(batches: readonly AppendBatch[]): ConversationRecord | undefined {
  let record: ConversationRecord | undefined
  for (const { projection } of batches) {
    if (!projection) continue
    const members = new Map<UserId, MemberRecord>(record?.members)
    for (const member of projection.members) members.set(member.user, member)
    record = { ...projection.conversation, members }
  }
  return record
}

/** Which entries each user has a place for. */
function placesOf(batches: readonly AppendBatch[]): Map<UserId, number[]> {
  const places = new Map<UserId, number[]>()
  for (const { users: of, from, to } of batches.flatMap(({ audiences }) => audiences)) {
    for (const one of of) {
      const seqs = places.get(one) ?? []
      places.set(one, seqs)
      for (let seq = from; seq <= to; seq++) seqs.push(seq)
    }
  }
  return places
}

const runs = { numRuns: 2000 }
const check = (property: (steps: Step[], ends: boolean[]) => void): void =>
  fc.assert(fc.property(story, cuts, property), runs)

describe('entries of a conversation, in batches cut anywhere', () => {
  it('D3: seqs are dense, ids grow, and counts are those of the log', () => {
    check((steps, ends) => {
      const model = new ConversationModel(steps)
      const { entries, batches } = append(steps, ends)
      for (const [index, entry] of entries.entries()) {
        const seq = index + 1
        const { sender, draft: given } = steps[index]!
        const expected: Partial<NewEntry> = { seq, sender, kind: given.kind, body: given.body, id: String(seq * 7) }
        expect(entry).toMatchObject({ ...expected, conversation: id, device: `${sender}-phone`, at: index * 7 })
        expect(entry.messages).toBe(model.messages(seq))
        expect(entry.own).toBe(model.messages(seq, sender))
      }
      let head = 0
      for (const batch of batches) {
        expect(batch.expect).toBe(head)
        head += batch.entries.length
        const last = entries[head - 1]!
        expect(batch.head).toEqual({
          seq: head,
          id: last.id,
          at: last.at,
          messages: model.messages(head),
          lastMessage: model.lastMessage(head),
          own: model.own(head),
        })
      }
    })
  })

  it('D5: an entry goes to who is a member before or after it, each once, in order', () => {
    check((steps, ends) => {
      const model = new ConversationModel(steps)
      const { batches } = append(steps, ends)
      const places = placesOf(batches)
      for (const one of users) {
        const due = steps.flatMap((_, index) => (model.audience(index + 1).has(one) ? index + 1 : []))
        expect(places.get(one) ?? []).toEqual(due)
      }
      for (const { audiences, expect: expected, entries } of batches) {
        expect(audiences.every(({ users: of }) => new Set(of).size === of.length)).toBe(true)
        for (const { from, to } of audiences) {
          expect(from).toBeGreaterThan(expected)
          expect(to).toBeLessThanOrEqual(expected + entries.length)
        }
      }
    })
  })

  it('D5: intervals and roles of members, title and the like are what the entries made them', () => {
    check((steps, ends) => {
      const model = new ConversationModel(steps)
      const { state, batches } = append(steps, ends)
      const seq = steps.length
      const { record } = state
      expect(record.members).toEqual(model.members(seq))
      expect(record).toMatchObject({ ...model.info(seq), id, kind: 'group', createdAt: 1 })
      expect(new Set(state.present)).toEqual(model.present(seq))
      expect(state.present).toEqual(presentMembers(record))
      expect(state.head()).toEqual(batches.at(-1)!.head)
      for (const one of users) {
        const member = record.members.get(one)
        expect(state.isPresent(one)).toBe(model.present(seq).has(one))
        for (let at = 1; at <= seq + 1; at++) {
          const mine = at <= seq ? model.audience(at).has(one) : model.present(seq).has(one)
          expect(inInterval(member, at)).toBe(mine)
          const open = model.info(seq).history === 'all' || mine
          expect(mayReadHistory(record, one, at)).toBe(model.present(seq).has(one) && open)
        }
      }
    })
  })

  it('rows that are written batch by batch end as the record, and name those alone who changed', () => {
    check((steps, ends) => {
      const model = new ConversationModel(steps)
      const { state, batches } = append(steps, ends)
      const projected = project(batches)!
      expect(projected.members).toEqual(state.record.members)
      const lastChange = steps.findLastIndex((_, index) => model.changes(index + 1))
      expect({ ...projected, asOf: 0 }).toEqual({ ...state.record, asOf: 0 })
      expect(projected.asOf).toBeGreaterThanOrEqual(lastChange + 1)
      for (const { expect: before, entries, projection } of batches) {
        const after = before + entries.length
        const changes = entries.some(({ seq }) => model.changes(seq))
        expect(projection !== undefined).toBe(changes)
        if (!projection) continue
        expect(new Set(projection.members.map((member) => member.user))).toEqual(model.named(before + 1, after))
        for (const member of projection.members) expect(member).toEqual(model.member(member.user, after))
      }
    })
  })

  it('Y6: who joins begins with everything before as read, and the counts of that place', () => {
    check((steps, ends) => {
      const model = new ConversationModel(steps)
      const { batches, state } = append(steps, ends)
      const due = steps.flatMap((_, index) =>
        model.joins(index + 1).map((one) => {
          return { user: one, read: index, messages: model.messages(index), own: model.messages(index, one) }
        }),
      )
      const joined = batches.flatMap(({ projection }) => projection?.joined ?? [])
      const order = (a: { read: number; user: string }, b: typeof a) => a.read - b.read || (a.user < b.user ? -1 : 1)
      expect([...joined].sort(order)).toEqual(due.sort(order))
      for (const one of state.present) {
        expect(joinedSeq(state.record.members.get(one)!)).toBe(joined.findLast((mark) => mark.user === one)!.read + 1)
      }
    })
  })

  it('where batches are cut makes no difference to anybody', () => {
    check((steps, ends) => {
      const some = append(steps, ends)
      for (const other of [
        append(
          steps,
          steps.map(() => true),
        ),
        append(steps, []),
      ]) {
        expect(some.entries).toEqual(other.entries)
        expect(some.state).toEqual(other.state)
        expect(placesOf(some.batches)).toEqual(placesOf(other.batches))
      }
    })
  })
})

it('folding the entries one after the other, or again from any of them on, gives the same record', () => {
  check((steps, ends) => {
    const { entries, state } = append(steps, ends)
    let record = emptyGroup(id, 1)
    for (const entry of entries) record = foldEntry(record, entry).record
    expect({ ...record, asOf: 0 }).toEqual({ ...state.record, asOf: 0 })
    expect(record.asOf).toBe(entries.length)
  })
})
