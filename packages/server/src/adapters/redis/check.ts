import type { Clock } from '../../lib/clock.ts'
import { type EngineReport, measure, skewAdvice } from '../../lib/engine-report.ts'
import type { RedisConnection } from './connection.ts'

/** What the server says of itself. @throws AppError `unavailable` */
export async function checkRedis(connection: RedisConnection, clock: Clock): Promise<EngineReport> {
  const measured = await measure(clock, async () => {
    const [seconds, micros] = (await connection.run((redis) => redis.sendCommand(['TIME']))) as [string, string]
    return Number(seconds) * 1000 + Number(micros) / 1000
  })
  const info = fields(String(await connection.run((redis) => redis.sendCommand(['INFO']))))
  const policy = info.maxmemory_policy ?? 'unknown'
  const settings = {
    maxmemory: info.maxmemory ?? 'unknown',
    'maxmemory-policy': policy,
    appendonly: info.aof_enabled === '1' ? 'yes' : 'no',
    role: info.role ?? 'unknown',
    cluster: info.cluster_enabled === '1' ? 'yes' : 'no',
  }
  const advice = skewAdvice(measured.clockSkew)
  if (info.cluster_enabled === '1')
    advice.push('Redis Cluster is not supported: use one server, or Sentinel before it.')
  if (info.role === 'slave') advice.push('This is a replica: give the address of the primary.')
  if (settings.maxmemory === '0') advice.push('Set maxmemory, so that it refuses writes before the machine runs out.')
  else if (policy.startsWith('allkeys')) advice.push('Set maxmemory-policy to noeviction or volatile-ttl.')
  return { engine: 'Redis', version: info.redis_version ?? 'unknown', ...measured, settings, advice }
}

function fields(info: string): Record<string, string> {
  const lines = info.split('\r\n').filter((line) => line.includes(':'))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}
