import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Amendment, StoredMessage } from '../store/records.ts'
import { amend, fromPage, shown } from './message.ts'

const base: StoredMessage = {
  conversation: 'c1',
  seq: 1,
  id: '1',
  sender: 'u1',
  device: 'd1',
  sentAt: 1,
  content: { text: 'first' },
  mentions: ['u2'],
}

const users = fc.constantFrom('u1', 'u2', 'u3')
const kinds = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('edit' as const), text: fc.string({ minLength: 1 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('reaction' as const),
      user: users,
      emoji: fc.constantFrom('👍', '❤️', null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
)

/** Amendments of one message in the order of its log. */
const logs = fc.array(kinds, { maxLength: 12 }).map((drafts) =>
  drafts.map((draft, index): Amendment => {
    const common = { conversation: 'c1', seq: index + 2, target: 1, at: 100 + index }
    if (draft.kind === 'edit') return { kind: 'edit', ...common, content: { text: draft.text }, by: 'u1' }
    if (draft.kind === 'reaction') return { kind: 'reaction', ...common, user: draft.user, emoji: draft.emoji }
    // A deleted message is not deleted again.
    return { kind: 'delete', ...common, at: 1000, by: 'u1' }
  }),
)

const foldAll = (amendments: readonly Amendment[], from = base) => amendments.reduce(amend, from)

describe('a message and what amends it', () => {
  it('is the same in whatever order, and however often, its amendments are folded', () => {
    const shuffled = logs.chain((log) =>
      fc.tuple(fc.constant(log), fc.shuffledSubarray([...log, ...log, ...log], { minLength: 3 * log.length })),
    )
    fc.assert(
      fc.property(shuffled, ([log, mixed]) => {
        expect(shown(foldAll(mixed))).toEqual(shown(foldAll(log)))
      }),
      { numRuns: 3000 },
    )
  })

  it('read from a page, which has the first of them applied, is the same as folded from its entry', () => {
    const cut = logs.chain((log) => fc.tuple(fc.constant(log), fc.integer({ min: 0, max: log.length })))
    fc.assert(
      fc.property(cut, ([log, at]) => {
        const page = shown(foldAll(log.slice(0, at)))!
        const after = shown(foldAll(log.slice(at), fromPage(page)))
        expect(after).toEqual(shown(foldAll(log)))
      }),
      { numRuns: 3000 },
    )
  })

  it('says when it was edited, shows one reaction of each user, and nothing of a deleted one', () => {
    const edit: Amendment = {
      kind: 'edit',
      conversation: 'c1',
      seq: 2,
      target: 1,
      content: { text: 'better' },
      by: 'u1',
      at: 5,
    }
    const react = (seq: number, user: string, emoji: string | null): Amendment => {
      return { kind: 'reaction', conversation: 'c1', seq, target: 1, user, emoji, at: 6 }
    }
    const amended = foldAll([
      edit,
      react(3, 'u2', '👍'),
      react(4, 'u3', '👍'),
      react(5, 'u2', '❤️'),
      react(6, 'u3', null),
    ])
    expect(shown(amended)).toMatchObject({ content: { text: 'better' }, editedAt: 5, reactions: { '❤️': ['u2'] } })
    const gone = amend(amended, { kind: 'delete', conversation: 'c1', seq: 7, target: 1, by: 'u1', at: 9 })
    const { content: _, mentions: __, ...kept } = base
    expect(shown(gone)).toEqual({ ...kept, content: {}, deletedAt: 9 })
  })

  it('is not shown when it is hidden', () => {
    expect(shown({ ...base, hidden: true })).toBeUndefined()
  })
})
