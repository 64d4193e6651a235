import type { DownFrame } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/manual-clock.ts'
import { Typing } from './typing.ts'

function world() {
  const clock = new ManualClock()
  const told: { users: readonly string[]; frame: DownFrame }[] = []
  const members = new Map([['team', ['alice', 'bob', 'carol']]])
  const blocked = new Set<string>()
  const typing = new Typing(
    clock,
    {
      membersFor: async (conversation, user) => {
        const present = members.get(conversation)
        return present?.includes(user) ? present : undefined
      },
      blocked: async (conversation) => blocked.has(conversation),
    },
    (users, frame) => told.push({ users, frame }),
  )
  return { clock, told, members, blocked, typing }
}

describe('Typing', () => {
  it('is told to the other members', async () => {
    const { typing, told } = world()
    await typing.typing('alice', 'team', 'recording')
    const frame = { t: 'typing', conversation: 'team', user: 'alice', state: 'recording' }
    expect(told).toEqual([{ users: ['bob', 'carol'], frame }])
  })

  it('is told once a second for the same state, at once for another, apart for each user', async () => {
    const { clock, typing, told } = world()
    for (let key = 0; key < 10; key++) await typing.typing('alice', 'team', 'typing')
    expect(told).toHaveLength(1)
    await typing.typing('alice', 'team', 'idle')
    await typing.typing('bob', 'team', 'typing')
    expect(told).toHaveLength(3)
    await clock.advance(1000)
    await typing.typing('alice', 'team', 'idle')
    expect(told).toHaveLength(4)
  })

  it('is told once when several frames come while members are looked up', async () => {
    const { typing, told } = world()
    await Promise.all(Array.from({ length: 10 }, () => typing.typing('alice', 'team', 'typing')))
    expect(told).toHaveLength(1)
  })

  it('of somebody who is not a member, or of no conversation, is dropped in silence', async () => {
    const { typing, told } = world()
    await typing.typing('mallory', 'team', 'typing')
    await typing.typing('alice', 'nowhere', 'typing')
    expect(told).toEqual([])
  })

  it('is dropped in silence where a block stands between the two', async () => {
    const { typing, told, members, blocked } = world()
    members.set('pair', ['alice', 'bob'])
    blocked.add('pair')
    await typing.typing('alice', 'pair', 'typing')
    expect(told).toEqual([])
  })
})
