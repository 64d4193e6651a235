import type { PushRegistration } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { ProviderWay } from './provider-way.ts'
import type { Push, PushProvider, PushResult } from './push-provider.ts'

const registration: PushRegistration = { provider: 'fcm', token: 'one' }
const push: Push = {
  action: 'show',
  conversation: 'c',
  collapseKey: 'k'.repeat(16),
  count: 1,
  badge: 1,
  title: 'Parley',
  body: 'New message',
  expiresAt: 0,
}
const accepted: PushResult = { outcome: 'accepted' }
const away: PushResult = { outcome: 'later', reason: '503', slowDown: true }
const atOnce = 256
const waitingAllowed = 512

/** A provider that answers when it is told to. */
class HeldProvider implements PushProvider {
  readonly held: ((result: PushResult) => void)[] = []
  most = 0

  way(): string {
    return 'held'
  }

  send(): Promise<PushResult> {
    return new Promise((resolve) => {
      this.held.push(resolve)
      this.most = Math.max(this.most, this.held.length)
    })
  }

  answer(result: PushResult, count = this.held.length): void {
    for (const resolve of this.held.splice(0, count)) resolve(result)
  }

  async close(): Promise<void> {}
}

function make() {
  const [provider, clock] = [new HeldProvider(), new ManualClock()]
  const way = new ProviderWay(provider, clock, seededRandom(1))
  const send = () => way.send(registration, push)
  /** Sends one that is answered so. */
  const tried = async (result: PushResult) => {
    const sent = send()
    provider.answer(result)
    return await sent
  }
  return { provider, clock, way, send, tried }
}

/** One that was broken by five failures in a row. */
async function broken() {
  const made = make()
  for (let i = 0; i < 5; i++) await made.tried(away)
  return made
}

describe('N9: the way to a provider', () => {
  it('goes on over single failures, and counts anew after a success', async () => {
    const { way, tried } = make()
    for (let i = 0; i < 3; i++) {
      for (let failures = 0; failures < 4; failures++) expect(await tried(away)).toEqual(away)
      expect(await tried(accepted)).toEqual(accepted)
    }
    expect(way.isOpen).toBe(true)
  })

  it('what is about one device is no failure of the provider', async () => {
    const { way, tried } = make()
    for (let i = 0; i < 20; i++) await tried({ outcome: 'later', reason: '429', slowDown: false })
    expect(way.isOpen).toBe(true)
  })

  it('is closed after five failures in a row: nothing is sent until the pause is over', async () => {
    const { way, provider, clock, send } = await broken()
    expect(way.isOpen).toBe(false)
    const refused = await send()
    expect(refused).toMatchObject({ outcome: 'pause', for: expect.any(Number) })
    expect(provider.held).toEqual([])
    // Whoever comes back when it was told to finds the pause over.
    await clock.advance((refused as { for: number }).for)
    void send()
    expect(provider.held).toHaveLength(1)
  })

  it('after the pause one goes ahead to see, and all once it went well', async () => {
    const { way, provider, clock, send } = await broken()
    await clock.advance(2000)
    const first = send()
    expect(await send()).toMatchObject({ outcome: 'pause' })
    expect(provider.held).toHaveLength(1)
    provider.answer(accepted)
    expect(await first).toEqual(accepted)
    expect(way.isOpen).toBe(true)
    void send()
    void send()
    expect(provider.held).toHaveLength(2)
  })

  it('pauses longer each time that the one fails, up to a minute', async () => {
    const { clock, tried, send } = await broken()
    const pauses: number[] = []
    for (let i = 0; i < 12; i++) {
      const refused = await send()
      if (refused.outcome !== 'pause') throw new Error('it was sent in a pause')
      pauses.push(refused.for)
      await clock.advance(refused.for)
      expect(await tried(away)).toEqual(away)
    }
    expect(pauses[4]).toBeGreaterThan((pauses[0] as number) * 3)
    // A second or so is added, so that not all come back at once.
    expect(Math.max(...pauses)).toBeLessThanOrEqual(61_500)
    expect(pauses.at(-1)).toBeGreaterThan(60_000)
  })

  it('keeps the time that the provider asks for, from the first answer on', async () => {
    const { way, clock, provider, send, tried } = make()
    await tried({ ...away, after: 120_000 })
    expect(way.isOpen).toBe(true)
    await clock.advance(119_999)
    expect(await send()).toMatchObject({ outcome: 'pause' })
    await clock.advance(1)
    void send()
    expect(provider.held).toHaveLength(1)
  })

  it('sends 256 at once, keeps 512 waiting, and turns the others back', async () => {
    const { provider, send } = make()
    const all = Array.from({ length: atOnce + waitingAllowed }, send)
    expect(await send()).toMatchObject({ outcome: 'pause' })
    let left = all.length
    for (const one of all) void one.then(() => left--)
    while (left > 0) {
      provider.answer(accepted, 100)
      await new Promise(setImmediate)
    }
    expect(provider.most).toBe(atOnce)
    expect(await Promise.all(all)).toEqual(all.map(() => accepted))
  })

  it('those that wait are not sent to a provider that failed meanwhile', async () => {
    const { provider, send } = make()
    const all = Array.from({ length: atOnce + waitingAllowed }, send)
    provider.answer(away)
    const results = await Promise.all(all)
    expect(results.filter(({ outcome }) => outcome === 'later')).toHaveLength(atOnce)
    expect(results.filter(({ outcome }) => outcome === 'pause')).toHaveLength(waitingAllowed)
  })
})
