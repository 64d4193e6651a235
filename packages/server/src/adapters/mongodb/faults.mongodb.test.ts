import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mongodb as engine } from '../../../../../engines/mongodb/mongodb.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { type OwnEngine, startOwn } from '../../lib/own-engine.contract.ts'
import { until } from '../../lib/stores.contract.ts'
import { type OpenMongo, openMongo } from './mongodb.ts'

const isThere = process.env.PARLEY_SESSIONS_URL?.startsWith('mongodb') ?? false
const title = `MongoDB in trouble${isThere ? '' : ' (none is running: npm run engines -- up mongodb)'}`

describe.skipIf(!isThere)(title, () => {
  let own: OwnEngine
  let mongo: OpenMongo
  const open = () =>
    openMongo(own.variables.PARLEY_SESSIONS_URL as string, { clock: systemClock, logger: silentLogger })
  beforeEach(async () => {
    own = await startOwn(engine)
    mongo = await open()
  })
  afterEach(async () => {
    await mongo.close()
    await own.stop()
  })

  const works = async () => {
    await mongo.sessions.add('n', ['u'])
    await mongo.presence.saveLastOnline([{ user: 'u', at: 1 }])
    return (await mongo.sessions.nodesOf(['u'])).get('u')?.[0] === 'n'
  }
  /** Milliseconds until all of it was refused. */
  const refused = async () => {
    const started = performance.now()
    const calls = [
      mongo.sessions.add('n', ['u']),
      mongo.sessions.nodesOf(['u']),
      mongo.presence.statusOf(['u']),
      mongo.presence.saveStatus('n', [{ user: 'u', status: 'away' }]),
      mongo.check(),
    ]
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    }
    return performance.now() - started
  }

  it('killed: calls are refused in bounded time, and answered soon after it is back', async () => {
    expect(await works()).toBe(true)
    await own.node.kill()
    expect(await refused()).toBeLessThan(3000)
    await own.node.start()
    expect(await until(works, 8000)).toBeLessThan(4000)
  })

  it('frozen: calls are refused in bounded time; it is used again once it goes on', async () => {
    expect(await works()).toBe(true)
    await own.node.freeze()
    expect(await refused()).toBeLessThan(3000)
    own.node.thaw()
    expect(await until(works, 8000)).toBeLessThan(5000)
  })

  it('away when the node starts: it is used as soon as it is there', async () => {
    await mongo.close()
    await own.node.kill()
    mongo = await open()
    await refused()
    await own.node.start()
    expect(await until(works, 8000)).toBeLessThan(4000)
  })
})
