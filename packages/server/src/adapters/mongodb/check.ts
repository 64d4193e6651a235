import type { Clock } from '../../lib/clock.ts'
import { type EngineReport, measure, skewAdvice } from '../../lib/engine-report.ts'
import type { MongoConnection } from './connection.ts'

/** What the server says of itself. @throws AppError `unavailable` */
export async function checkMongo(connection: MongoConnection, clock: Clock): Promise<EngineReport> {
  const measured = await measure(clock, async () => {
    const { localTime } = await connection.command({ hello: 1 })
    return localTime instanceof Date ? localTime.getTime() : undefined
  })
  const hello = await connection.command({ hello: 1 })
  const { version } = await connection.command({ buildInfo: 1 })
  const members = Array.isArray(hello.hosts) ? hello.hosts.length : 1
  const settings = {
    replicaSet: typeof hello.setName === 'string' ? hello.setName : 'none',
    members: String(members),
    writable: hello.isWritablePrimary === true ? 'yes' : 'no',
  }
  const advice = skewAdvice(measured.clockSkew)
  if (hello.isWritablePrimary !== true)
    advice.push('It takes no writes: name all members of the replica set in the URL.')
  if (members < 3) {
    advice.push(
      'One server: while it is away messages still arrive, but late (Y5). A replica set of three avoids that.',
    )
  }
  return { engine: 'MongoDB', version: String(version ?? 'unknown'), ...measured, settings, advice }
}
