import type { Client, ClosedReason } from '@parley/client'
import { Failure } from './failure.ts'

/** What to say when no address of a service answers. */
export function unreachable(servers: readonly string[]): string {
  const them = servers.length === 1 ? `${servers[0]} does not answer` : `None of ${servers.join(', ')} answers`
  return `${them}. Is the server running, and is --server right? (PARLEY_HOME and --profile say whose address it is.)`
}

/** The server ended the connection, and it will not be made again. */
export function ended(reason: ClosedReason): Failure {
  switch (reason) {
    case 'taken-over':
      return new Failure('Another program took over: it is connected as the same device.')
    case 'account-deleted':
      return new Failure('This account was deleted.')
    case 'logged-out':
    case 'unauthenticated':
      return new Failure('This device was logged out. Use "parley login".')
    default:
      return new Failure(`The server ended the connection (${reason}).`)
  }
}

/** Connects and waits until the backlog is here. @throws Failure when no address answers in time */
export async function goLive(
  client: Client,
  { servers }: { servers: readonly string[] },
  patience = 15_000,
): Promise<void> {
  client.connect()
  if (client.state.status === 'live') return
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => done(new Failure(unreachable(servers))), patience)
    const stop = client.on('state', (state) => {
      if (state.status === 'live') done()
      else if (state.status === 'closed') done(ended(state.reason))
    })
    const done = (error?: Error): void => {
      clearTimeout(timer)
      stop()
      if (error) reject(error)
      else resolve()
    }
  })
}

/** Tells on standard error when there is no connection for longer than a first try, and when there is one again. */
export function tellOutages(client: Client, { servers }: { servers: readonly string[] }): void {
  let told = false
  client.on('state', (state) => {
    if (state.status === 'waiting' && state.failures >= 2 && !told) {
      told = true
      process.stderr.write(`parley: no connection to ${servers.join(', ')}; trying again\n`)
    }
    if (state.status === 'live' && told) {
      told = false
      process.stderr.write('parley: connected again\n')
    }
  })
}
