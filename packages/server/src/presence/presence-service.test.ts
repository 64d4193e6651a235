import type { DownFrame, PresenceDownFrame, UserSettings } from '@parley/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { LastOnline } from './last-online.ts'
import { PresenceService } from './presence-service.ts'
import { Visibility } from './visibility.ts'
import type { PresenceSession } from './watchers.ts'

class TestSession implements PresenceSession {
  readonly user
  congested = false
  readonly frames: PresenceDownFrame[] = []

  constructor(user: string) {
    this.user = user
  }

  sendTransient(frame: DownFrame): boolean {
    if (this.congested || frame.t !== 'presence') return false
    this.frames.push(frame)
    return true
  }

  /** What came since the last call, e.g. `bob online`. */
  news(): string[] {
    return this.frames.splice(0).map(({ user, status }) => `${user} ${status}`)
  }
}

/** Users whose names begin with the same letter as a conversation share it. */
function world() {
  const clock = new ManualClock()
  const start = clock.now()
  const stored = new Map<string, number>()
  const lookups = {
    asked: 0,
    blocked: new Set<string>(),
    privacy: new Map<string, UserSettings['lastSeen']>(),
    apart: new Set<string>(),
    /** Pairs with a direct conversation, and who wrote how much in it. */
    direct: new Map<string, Record<string, number>>(),
  }
  const lastOnline = new LastOnline(
    {
      saveLastOnline: async (times) => {
        for (const { user, at } of times) stored.set(user, at)
      },
      lastOnline: async (users) => new Map([...stored].filter(([user]) => users.includes(user))),
    },
    clock,
    silentLogger,
  )
  const visibility = new Visibility(
    {
      settings: async (user) => ({ lastSeen: lookups.privacy.get(user) }),
      blockedBetween: (a, b) => lookups.blocked.has(`${a} ${b}`) || lookups.blocked.has(`${b} ${a}`),
      conversationsOf: async (user) => {
        lookups.asked++
        const pairs = [...lookups.direct.keys()].filter((pair) => pair.split(' ').includes(user))
        return [...(lookups.apart.has(user) ? [`alone-${user}`] : ['team']), ...pairs.map((pair) => `d${pair}`)]
      },
      messagesIn: async (direct, user) => {
        const written = lookups.direct.get(direct.slice(1)) ?? {}
        return { all: Object.values(written).reduce((a, b) => a + b, 0), own: written[user] ?? 0 }
      },
    },
    clock,
  )
  const presence = new PresenceService(clock, visibility, lastOnline)
  const open = (user: string): TestSession => {
    const session = new TestSession(user)
    presence.opened(session)
    return session
  }
  const statusOf = async (user: string) => (await presence.of('viewer', [user]))[0]
  return { clock, start, stored, lookups, presence, open, statusOf }
}

describe('PresenceService', () => {
  it('says online, away and offline from all sessions of a user together', async () => {
    const { presence, open, statusOf } = world()
    expect(await statusOf('bob')).toEqual({ user: 'bob', status: 'offline' })
    const phone = open('bob')
    expect(await statusOf('bob')).toMatchObject({ status: 'online' })
    const laptop = open('bob')
    presence.setStatus(phone, 'away')
    expect(await statusOf('bob')).toMatchObject({ status: 'online' })
    presence.setStatus(laptop, 'away')
    expect(await statusOf('bob')).toMatchObject({ status: 'away' })
    presence.setStatus(phone, 'active')
    expect(await statusOf('bob')).toMatchObject({ status: 'online' })
    presence.closed(phone)
    expect(await statusOf('bob')).toMatchObject({ status: 'away' })
  })

  it('turns offline 10 s after the last session closed, last online when it closed (K1)', async () => {
    const { clock, start, presence, open, statusOf, stored } = world()
    const session = open('bob')
    await clock.advance(5000)
    presence.closed(session)
    await clock.advance(9999)
    expect(await statusOf('bob')).toMatchObject({ status: 'online' })
    await clock.advance(1)
    expect(await statusOf('bob')).toEqual({ user: 'bob', status: 'offline', lastOnline: start + 5000 })
    await clock.advance(1000)
    expect(stored.get('bob')).toBe(start + 5000)
  })

  it('is silent about a session that comes back within the grace time', async () => {
    const { clock, presence, open } = world()
    const watcher = open('alice')
    const session = open('bob')
    presence.watch(watcher, ['bob'], [])
    await clock.advance(0)
    expect(watcher.news()).toEqual(['bob online'])
    presence.closed(session)
    await clock.advance(9000)
    open('bob')
    await clock.advance(60_000)
    expect(watcher.news()).toEqual([])
  })

  it('stays away, not online, while somebody who was away may come back', async () => {
    const { clock, presence, open, statusOf } = world()
    const session = open('bob')
    presence.setStatus(session, 'away')
    presence.closed(session)
    expect(await statusOf('bob')).toMatchObject({ status: 'away' })
    await clock.advance(10_000)
    expect(await statusOf('bob')).toMatchObject({ status: 'offline' })
  })

  it('tells the present state at once, then the newest of what changed within a second', async () => {
    const { clock, presence, open } = world()
    const watcher = open('alice')
    presence.watch(watcher, ['bob', 'carol'], [])
    await clock.advance(0)
    expect(watcher.news()).toEqual(['bob offline', 'carol offline'])
    const bob = open('bob')
    for (let flip = 0; flip < 9; flip++) presence.setStatus(bob, flip % 2 === 0 ? 'away' : 'active')
    open('carol')
    await clock.advance(999)
    expect(watcher.news()).toEqual([])
    await clock.advance(1)
    expect(watcher.news()).toEqual(['bob away', 'carol online'])
  })

  it('tells nothing more of those who are no longer watched, or to sessions that closed', async () => {
    const { clock, presence, open } = world()
    const watcher = open('alice')
    const gone = open('dave')
    presence.watch(watcher, ['bob', 'carol'], [])
    presence.watch(gone, ['bob', 'carol'], [])
    await clock.advance(0)
    watcher.news()
    gone.news()
    open('bob')
    open('carol')
    presence.watch(watcher, [], ['bob'])
    presence.closed(gone)
    await clock.advance(5000)
    expect(watcher.news()).toEqual(['carol online'])
    expect(gone.news()).toEqual([])
  })

  it('is dropped first for a session that does not read, which hears the newest state later', async () => {
    const { clock, presence, open } = world()
    const watcher = open('alice')
    presence.watch(watcher, ['bob'], [])
    await clock.advance(0)
    watcher.news()
    watcher.congested = true
    const bob = open('bob')
    await clock.advance(5000)
    presence.setStatus(bob, 'away')
    await clock.advance(5000)
    watcher.congested = false
    await clock.advance(1000)
    expect(watcher.news()).toEqual(['bob away'])
  })

  it('watches at most 500 users per session (I11)', async () => {
    const { clock, presence, open } = world()
    const watcher = open('alice')
    const names = Array.from({ length: 600 }, (_, index) => `user${index}`)
    presence.watch(watcher, names, [])
    await clock.advance(0)
    expect(watcher.news()).toHaveLength(500)
    open('user499')
    open('user500')
    await clock.advance(1000)
    expect(watcher.news()).toEqual(['user499 online'])
    presence.watch(watcher, ['user500', 'user1'], ['user0'])
    await clock.advance(0)
    expect(watcher.news()).toEqual(['user500 online', 'user1 offline'])
  })

  it('shows nobody to those who share no conversation, are blocked, or whom privacy excludes', async () => {
    const { clock, presence, open, lookups } = world()
    lookups.apart.add('stranger')
    lookups.blocked.add('bob alice')
    lookups.privacy.set('hidden', 'nobody')
    const watcher = open('alice')
    const all = ['bob', 'carol', 'stranger', 'hidden']
    expect(await presence.of('alice', all)).toEqual([{ user: 'carol', status: 'offline' }])
    expect(await presence.of('bob', ['alice'])).toEqual([])
    expect(await presence.of('hidden', ['hidden', 'carol'])).toHaveLength(2)
    presence.watch(watcher, all, [])
    for (const user of all) open(user)
    await clock.advance(2000)
    expect(new Set(watcher.news())).toEqual(new Set(['carol online']))
  })

  it('shows nobody to a stranger who opened a direct conversation and said nothing', async () => {
    const { presence, lookups } = world()
    for (const user of ['alice', 'bob']) lookups.apart.add(user)
    const sees = async (viewer: string, user: string) => (await presence.of(viewer, [user])).length > 0
    lookups.direct.set('alice bob', {})
    expect([await sees('alice', 'bob'), await sees('bob', 'alice')]).toEqual([false, false])
    lookups.direct.set('alice bob', { alice: 1 })
    expect([await sees('alice', 'bob'), await sees('bob', 'alice')]).toEqual([true, true])
    // A contact is somebody one has written to.
    lookups.privacy.set('alice', 'contacts').set('bob', 'contacts')
    expect([await sees('alice', 'bob'), await sees('bob', 'alice')]).toEqual([false, true])
    lookups.direct.set('alice bob', { alice: 1, bob: 1 })
    expect([await sees('alice', 'bob'), await sees('bob', 'alice')]).toEqual([true, true])
    lookups.direct.set('alice bob', {})
    for (const user of ['alice', 'bob']) lookups.apart.delete(user)
    expect([await sees('alice', 'bob'), await sees('bob', 'alice')]).toEqual([true, true])
  })

  it('tells no more once a block came, nor long after the last shared conversation went', async () => {
    const { clock, presence, open, lookups } = world()
    const watcher = open('alice')
    const bob = open('bob')
    const carol = open('carol')
    presence.watch(watcher, ['bob', 'carol'], [])
    await clock.advance(0)
    watcher.news()
    lookups.blocked.add('alice bob')
    lookups.apart.add('carol')
    expect(await presence.of('alice', ['bob', 'carol'])).toEqual([])
    await clock.advance(10_001)
    presence.setStatus(bob, 'away')
    presence.setStatus(carol, 'away')
    await clock.advance(1000)
    expect(watcher.news()).toEqual([])
  })

  it('asks for the conversations of a user once for many watchers', async () => {
    const { clock, presence, open, lookups } = world()
    const watchers = Array.from({ length: 100 }, (_, index) => open(`watcher${index}`))
    for (const watcher of watchers) presence.watch(watcher, ['bob'], [])
    await clock.advance(0)
    const before = lookups.asked
    open('bob')
    await clock.advance(1000)
    expect(lookups.asked).toBe(before)
    expect(watchers.every((watcher) => watcher.news().at(-1) === 'bob online')).toBe(true)
  })

  it('keeps the time of those who are here fresh, should the process be killed', async () => {
    const { clock, start, open, stored } = world()
    open('bob')
    await clock.advance(3_600_000)
    expect(stored.get('bob')).toBeGreaterThan(start + 3_600_000 - 302_000)
  })

  it('stops: everybody was online until now, and no timer is left', async () => {
    const { clock, start, presence, open, stored } = world()
    open('bob')
    const carol = open('carol')
    await clock.advance(2000)
    presence.closed(carol)
    await clock.advance(2000)
    presence.stop()
    await clock.advance(1000)
    expect([stored.get('bob'), stored.get('carol')]).toEqual([start + 4000, start + 2000])
    expect(clock.waiting).toBe(0)
  })

  it('equals a model, whatever sessions do', async () => {
    const step = fc.record({
      do: fc.constantFrom('open', 'close', 'away', 'active', 'pass' as const),
      user: fc.constantFrom('bob', 'carol'),
      pick: fc.nat(5),
      ms: fc.constantFrom(1, 999, 4000, 10_000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { clock, presence, open, statusOf } = world()
        const watcher = open('alice')
        presence.watch(watcher, ['bob', 'carol'], [])
        const sessions: { session: TestSession; status: 'active' | 'away' }[] = []
        const left = new Map<string, { at: number; status: string }>()
        const expected = (user: string): string => {
          const own = sessions.filter(({ session }) => session.user === user)
          if (own.length > 0) return own.some(({ status }) => status === 'active') ? 'online' : 'away'
          const last = left.get(user)
          return last && clock.now() - last.at < 10_000 ? last.status : 'offline'
        }
        for (const { do: what, user, pick, ms } of steps) {
          const own = sessions.filter(({ session }) => session.user === user)
          const chosen = own[pick % Math.max(1, own.length)]
          if (what === 'open') sessions.push({ session: open(user), status: 'active' })
          else if (what === 'pass') await clock.advance(ms)
          else if (chosen && what === 'close') {
            left.set(user, { at: clock.now(), status: expected(user) })
            sessions.splice(sessions.indexOf(chosen), 1)
            presence.closed(chosen.session)
          } else if (chosen && what !== 'close') {
            chosen.status = what
            presence.setStatus(chosen.session, what)
          }
          for (const one of ['bob', 'carol']) expect((await statusOf(one))?.status).toBe(expected(one))
        }
        await clock.advance(1000)
        for (const user of ['bob', 'carol']) {
          expect(watcher.frames.findLast((frame) => frame.user === user)?.status).toBe(expected(user))
        }
      }),
      { numRuns: 300 },
    )
  })
})
