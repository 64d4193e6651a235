import { join } from 'node:path'
import type { Engine } from './engine.ts'
import { installPackages } from './lib/apt.ts'
import { exchange } from './lib/exchange.ts'
import { makeFolder } from './lib/folders.ts'
import { findProgram } from './lib/run.ts'

/** Keeps nothing over its end: whatever Parley has in it may be lost at any time. */
export const redis: Engine = {
  name: 'redis',
  title: 'Redis 7',
  defaultPort: 15379,
  async provide(folders) {
    await installPackages(folders, ['redis-server'], () => findProgram('redis-server') !== undefined)
    return 'Debian package redis-server'
  },
  async arrange(_setup, { home }) {
    makeFolder(home, 'redis')
  },
  nodes({ port }, { home }) {
    const settings = { port, bind: '127.0.0.1', dir: join(home, 'redis'), save: '', appendonly: 'no', daemonize: 'no' }
    const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)])
    return [
      {
        name: 'redis',
        address: '127.0.0.1',
        port,
        command: [findProgram('redis-server') ?? 'redis-server', ...args],
        stopSignal: 'SIGTERM',
        answers: () =>
          exchange('127.0.0.1', port, 'PING\r\n', (received) =>
            received.includes('\r\n') ? received.toString().startsWith('+PONG') : undefined,
          ),
        patience: 20,
      },
    ]
  },
  variables: ({ port }) => ({ REDIS_URL: `redis://127.0.0.1:${port}` }),
}
