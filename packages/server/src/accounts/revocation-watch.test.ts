import { describe, expect, it } from 'vitest'
import { MemoryRevocationLog } from '../adapters/memory/revocation-log.ts'
import { MemoryUsers } from '../adapters/memory/users.ts'
import { unavailable } from '../lib/errors.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { withDevices } from './fixtures.contract.ts'
import { type Revocation, type RevocationLog, revocationRetention } from './revocation-log.ts'
import { RevocationWatch } from './revocation-watch.ts'
import { memoryAccounts } from './service.contract.ts'

async function open(alter: (log: RevocationLog) => RevocationLog = (log) => log) {
  const clock = new ManualClock()
  const users = new MemoryUsers(clock)
  const node = memoryAccounts(users)
  const seen = { revoked: [] as Revocation[], any: 0, warnings: 0 }
  const watch = new RevocationWatch({
    log: alter(new MemoryRevocationLog(users)),
    listener: { revoked: (one) => seen.revoked.push(one), anyRevoked: () => seen.any++ },
    clock,
    logger: { ...silentLogger, warn: () => seen.warnings++ },
  })
  const { user, devices } = await withDevices(node)
  const remove = (index: 0 | 1) => node.devices.remove(user, [devices[index].id], 'logged_out')
  const told = () => seen.revoked.map(({ device }) => devices.findIndex(({ id }) => id === device))
  return { clock, watch, seen, told, remove, node, user, devices }
}

describe('the watch over what other nodes revoke', () => {
  it('tells of it within a second, and of nothing that was before', async () => {
    const { watch, clock, seen, told, remove, user, devices } = await open()
    await remove(0)
    await watch.start()
    await clock.advance(5000)
    expect(told()).toEqual([])
    await remove(1)
    await clock.advance(1000)
    const [, { id, tokenHash }] = devices
    expect(seen.revoked).toEqual([{ user, device: id, tokenHash, reason: 'logged_out' }])
  })

  it('tells once what the store tells again', async () => {
    // As of the first mark, always: everything is told again and again.
    const again = (log: RevocationLog): RevocationLog => {
      let first: string | undefined
      const since: RevocationLog['since'] = async (mark) => {
        const answer = await log.since(mark && first)
        first ??= answer.mark
        return { ...answer, mark: first }
      }
      return { since, trim: log.trim }
    }
    const { watch, clock, told, remove } = await open(again)
    await watch.start()
    for (const index of [0, 1] as const) {
      await remove(index)
      await clock.advance(2000)
    }
    expect(told()).toEqual([0, 1])
  })

  it('misses nothing while the store is away, which is said once', async () => {
    let away = false
    const { watch, clock, seen, told, remove } = await open((log) => ({
      trim: log.trim,
      since: async (mark) => {
        if (away) throw unavailable('away')
        return log.since(mark)
      },
    }))
    await watch.start()
    away = true
    await remove(0)
    await clock.advance(60_000)
    expect([told(), seen.warnings]).toEqual([[], 1])
    away = false
    await clock.advance(1000)
    expect(told()).toEqual([0])
  })

  it('after too long a time says that it knows nothing, and goes on', async () => {
    const { watch, clock, seen, told, remove } = await open()
    await watch.start()
    clock.jump(revocationRetention + 1)
    await clock.advance(1000)
    expect([told(), seen.any]).toEqual([[], 1])
    await remove(1)
    await clock.advance(1000)
    expect([told(), seen.any]).toEqual([[1], 1])
  })

  it('asks no more when it is stopped', async () => {
    const { watch, clock, told, remove } = await open()
    await watch.start()
    await watch.stop()
    await remove(0)
    await clock.advance(5000)
    expect(told()).toEqual([])
  })
})
