import type { Client } from '@parley/client'
import { Failure } from './failure.ts'

/** Connects and waits until the backlog is here. @throws Failure when the server does not answer in time */
export async function goLive(client: Client, patience = 15_000): Promise<void> {
  client.connect()
  if (client.state.status === 'live') return
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => done(new Failure('The server does not answer. Is it running, and is --server right?')),
      patience,
    )
    const stop = client.on('state', (state) => {
      if (state.status === 'live') done()
      else if (state.status === 'closed') done(new Failure('This device was logged out. Use "parley login".'))
    })
    const done = (error?: Error): void => {
      clearTimeout(timer)
      stop()
      if (error) reject(error)
      else resolve()
    }
  })
}
