import { connect } from 'node:net'
import type { Clock } from '../../lib/clock.ts'
import { within } from '../../lib/deadline.ts'
import { type EngineReport, measure, skewAdvice } from '../../lib/engine-report.ts'
import { unavailable } from '../../lib/errors.ts'
import type { ZooKeeperConnection } from './connection.ts'
import type { ZooKeeperUrl } from './zookeeper-url.ts'

const patience = 2_000

/** What the servers say of themselves, and what a write takes that the leader decides. @throws AppError `unavailable` */
export async function checkZooKeeper(
  connection: ZooKeeperConnection,
  { servers, root, timeout }: ZooKeeperUrl,
  clock: Clock,
): Promise<EngineReport> {
  const measured = await measure(clock, async () => {
    try {
      return (await connection.write((client) => client.set(`${root}/pulse`, ''))).at
    } catch (error) {
      throw unavailable('ZooKeeper does not answer.', error)
    }
  })
  const answers = await Promise.all(servers.map((server) => askServer(server, clock)))
  const modes = servers.map((server, index) => `${server} ${answers[index]?.mode ?? 'away'}`)
  const version = answers.find((answer) => answer !== undefined)?.version ?? 'unknown'
  const settings = { servers: modes.join(', '), 'session timeout': `${connection.timeout} ms` }
  const away = servers.filter((_, index) => answers[index] === undefined)
  const advice = skewAdvice(measured.clockSkew)
  if (away.length > 0)
    advice.push(`${away.join(', ')} does not answer "srvr": start it, or allow the command in 4lw.commands.whitelist.`)
  if (servers.length < 3)
    advice.push('Fewer than three servers: when one is away, no node can join and ids run out. Name three.')
  else if (servers.length % 2 === 0) advice.push('An even number of servers survives no more failures than one less.')
  if (connection.timeout !== timeout) {
    advice.push(`Sessions last ${connection.timeout} ms, not ${timeout}: see minSessionTimeout and maxSessionTimeout.`)
  }
  return { engine: 'ZooKeeper', version, ...measured, settings, advice }
}

/** Undefined when it does not answer, or does not serve. */
async function askServer(server: string, clock: Clock): Promise<{ version: string; mode: string } | undefined> {
  const [host = '', port = ''] = server.split(':')
  const socket = connect({ host, port: Number(port) })
  const answer = new Promise<string>((resolve, reject) => {
    let text = ''
    socket.on('connect', () => socket.write('srvr'))
    socket.on('data', (data) => {
      text += String(data)
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
  try {
    const text = await within(clock, patience, answer, 'It did not answer.')
    const version = /^Zookeeper version: ([^-,\s]+)/m.exec(text)?.[1]
    const mode = /^Mode: (\w+)/m.exec(text)?.[1]
    return version && mode ? { version, mode } : undefined
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
