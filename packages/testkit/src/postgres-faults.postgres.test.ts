import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bringUp, engineNodes, environmentOf, takeDown } from '../../../engines/operate.ts'
import type { Account } from '../../server/src/accounts/account-store.ts'
import { account, created, device } from '../../server/src/accounts/fixtures.contract.ts'
import { openPostgres, type PostgresStores } from '../../server/src/adapters/postgres/open.ts'
import { systemClock } from '../../server/src/lib/clock.ts'
import { AppError } from '../../server/src/lib/errors.ts'
import { type Logger, silentLogger } from '../../server/src/lib/logger.ts'
import { unique } from '../../server/src/lib/stores.contract.ts'
import { FaultProxy } from './fault-proxy.ts'

const isThere = existsSync('/usr/lib/postgresql/15/bin/postgres')
const reason = isThere ? '' : ' (PostgreSQL is not installed: npm run engines -- up postgres)'
/** Milliseconds in which every call is answered, whatever happens. */
const patience = 9000

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Calls as a service makes them: again until they are answered, each answer within `patience` and in the right words. */
class Caller {
  refusals = 0
  slowest = 0

  async call<T>(operation: () => Promise<T>): Promise<T> {
    for (;;) {
      const started = performance.now()
      try {
        return await operation()
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable', retryAfter: 1000 })
        this.refusals++
      } finally {
        this.slowest = Math.max(this.slowest, performance.now() - started)
      }
      await pause(50)
    }
  }
}

/** Registers users, each with three devices, one of which is logged out, until it is told to stop. */
function startLoad(stores: PostgresStores, workers: number) {
  const caller = new Caller()
  const made: { user: Account; kept: string[]; gone: string }[] = []
  let on = true
  const work = async (): Promise<void> => {
    while (on) {
      const user = account(unique('name'))
      const devices = [1, 2, 3].map((at) => device(user.id, at))
      const [gone] = devices.map(({ id }) => id) as [string]
      expect(await caller.call(() => stores.accounts.create(user))).toBe(true)
      for (const one of devices) await caller.call(() => stores.devices.add(one))
      await caller.call(() => stores.devices.remove(user.id, [gone], 'logged_out'))
      made.push({ user, kept: devices.slice(1).map(({ id }) => id), gone })
    }
  }
  const all = Promise.all(Array.from({ length: workers }, work))
  const stop = async () => {
    on = false
    await all
    return made
  }
  return { caller, made, stop }
}

async function checkAll(stores: PostgresStores, made: Awaited<ReturnType<ReturnType<typeof startLoad>['stop']>>) {
  for (const { user, kept } of made) {
    expect(await stores.accounts.byUsername(user.username)).toEqual(user)
    expect((await stores.devices.of(user.id)).map(({ id }) => id)).toEqual(kept)
  }
}

describe.skipIf(!isThere)(`accounts when PostgreSQL is in trouble${reason}`, { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'))
  const before = process.env.PARLEY_ENGINES
  const open: { close(): Promise<void> }[] = []
  let url: URL

  const node = () => {
    const [one] = engineNodes('postgres')
    if (!one) throw new Error('no server')
    return one
  }
  const stores = async (at: string, logger: Logger = silentLogger): Promise<PostgresStores> => {
    const opened = await openPostgres([at], { clock: systemClock, logger })
    open.push(opened)
    return opened
  }
  const through = async () => {
    const proxy = await FaultProxy.start({ port: Number(url.port) })
    open.push(proxy)
    const at = new URL(url)
    at.port = String(proxy.port)
    return { proxy, at: at.href }
  }

  beforeAll(async () => {
    // The server runs as another user than root.
    chmodSync(folder, 0o755)
    process.env.PARLEY_ENGINES = folder
    await bringUp('postgres', { port: await freePort() })
    url = new URL((await environmentOf(['postgres'])).DATABASE_URL ?? '')
  })
  afterAll(async () => {
    for (const one of open.toReversed()) await one.close()
    await takeDown('postgres')
    if (before === undefined) delete process.env.PARLEY_ENGINES
    else process.env.PARLEY_ENGINES = before
    rmSync(folder, { recursive: true, force: true })
  })

  it('kill -9 under load, again and again: refusals with retryAfter, recovery by itself, nothing lost or doubled', async () => {
    const said: string[] = []
    const note = (_: object, message: string) => said.push(message)
    const at = await stores(url.href, { ...silentLogger, info: note, warn: note })
    let mark = (await at.revocations.since(undefined)).mark
    const load = startLoad(at, 8)
    for (let kill = 0; kill < 4; kill++) {
      await pause(400)
      const { length } = load.made
      await node().kill()
      await pause(200)
      await node().start()
      await expect.poll(() => load.made.length, { timeout: 10_000 }).toBeGreaterThan(length + 8)
    }
    const made = await load.stop()
    expect(load.caller.refusals).toBeGreaterThan(0)
    expect(load.caller.slowest).toBeLessThan(patience)
    await checkAll(at, made)
    const told = new Set<string>()
    for (const again of [1, 2]) {
      const answer = await at.revocations.since(mark)
      mark = answer.mark
      for (const one of answer.revocations ?? []) told.add(one.device)
      if (again === 1) for (const { gone } of made) expect(told.has(gone)).toBe(true)
    }
    // Said when it went and when it was back, not at each call.
    expect(said.length).toBeGreaterThan(1)
    expect(said.length).toBeLessThan(30)
  })

  it('a server that stands still is given up in time, and used again when it goes on', async () => {
    const at = await stores(url.href)
    const load = startLoad(at, 12)
    await expect.poll(() => load.made.length).toBeGreaterThan(20)
    await node().freeze()
    await expect.poll(() => load.caller.refusals, { timeout: patience }).toBeGreaterThanOrEqual(12)
    const { length } = load.made
    const started = performance.now()
    await node().start()
    await expect.poll(() => load.made.length, { timeout: patience }).toBeGreaterThan(length + 12)
    expect(performance.now() - started).toBeLessThan(patience)
    const made = await load.stop()
    expect(load.caller.slowest).toBeLessThan(patience)
    await checkAll(at, made)
  })

  it('connections that break are replaced, and what was under way on them is done once', async () => {
    const { proxy, at } = await through()
    const load = startLoad(await stores(at), 8)
    for (let cut = 0; cut < 20; cut++) {
      const { length } = load.made
      await expect.poll(() => load.made.length, { interval: 5, timeout: 10_000 }).toBeGreaterThan(length)
      proxy.cut()
    }
    const made = await load.stop()
    expect(proxy.accepted).toBeGreaterThan(20)
    await checkAll(await stores(url.href), made)
  })

  it('a network that swallows everything costs a bounded time, and so does one that refuses', async () => {
    const { proxy, at } = await through()
    const { accounts } = await stores(at)
    await accounts.byIds(['u'])
    for (const [fault, least] of [
      [{ blackhole: 'both' }, 1000],
      [{ refuse: true }, 0],
    ] as const) {
      Object.assign(proxy.faults, fault)
      if ('refuse' in fault) proxy.cut()
      const started = performance.now()
      const outcomes = await Promise.allSettled(Array.from({ length: 1200 }, () => accounts.byIds(['u'])))
      const time = performance.now() - started
      for (const one of outcomes)
        expect(one.status === 'rejected' && one.reason instanceof AppError && one.reason.code).toBe('unavailable')
      expect(time).toBeGreaterThanOrEqual(least)
      expect(time).toBeLessThan(patience)
      proxy.heal()
      await expect.poll(() => accounts.byIds(['u']).catch(() => undefined), { timeout: patience }).toEqual([])
    }
  })

  it('a replica that is away costs a search nothing: the database itself is asked', async () => {
    const replica = await through()
    const at = new URL(url)
    at.searchParams.set('replica', `127.0.0.1:${replica.proxy.port}`)
    const opened = await stores(at.href)
    const user = await created(opened)
    const search = () => opened.accounts.search(user.username, 5)
    expect(await search()).toEqual([user])
    expect(replica.proxy.accepted).toBe(1)
    replica.proxy.faults.refuse = true
    replica.proxy.cut()
    expect(await search()).toEqual([user])
    const reports = await opened.check()
    expect(reports.map(({ role, state }) => [role, state.reachable])).toEqual([
      ['primary', true],
      ['replica', false],
    ])
  })
})
