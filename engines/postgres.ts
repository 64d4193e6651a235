import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine, NodeSpec } from './engine.ts'
import { installPackages } from './lib/apt.ts'
import { exchange } from './lib/exchange.ts'
import { makeFolder } from './lib/folders.ts'
import { run } from './lib/run.ts'

const programs = '/usr/lib/postgresql/15/bin'
const name = 'parley'
const password = 'parley'

/** Everything else is PostgreSQL's own default: what was acknowledged is on disk. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  log_min_messages: 'warning',
}

/** The server refuses to run as root: then it runs as the user that Debian made for it. */
function serverUser(): NodeSpec['user'] {
  if (process.getuid?.() !== 0) return undefined
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([user]) => user === 'postgres')
  return entry === undefined ? undefined : { uid: Number(entry[2]), gid: Number(entry[3]) }
}

async function makeDatabase(folder: string): Promise<void> {
  const data = join(folder, 'data')
  if (existsSync(data)) return
  const user = serverUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const making = join(folder, 'making')
  const passwordFile = join(folder, 'password')
  rmSync(making, { recursive: true, force: true })
  writeFileSync(passwordFile, password)
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid)
  const options = { cwd: '/', ...user }
  const access = ['--username', name, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  await run(join(programs, 'initdb'), ['-D', making, '-E', 'UTF8', '--locale', 'C.UTF-8', ...access], options)
  await run(join(programs, 'postgres'), ['--single', '-D', making, 'postgres'], {
    ...options,
    input: `CREATE DATABASE ${name}\n`,
  })
  renameSync(making, data)
}

/** A client that says who it is: the server asks for the password once it accepts clients, and refuses before. */
function askToConnect(port: number): Promise<boolean> {
  const body = Buffer.from(`\0\0\0\0\0\x03\0\0user\0${name}\0database\0${name}\0\0`, 'latin1')
  body.writeUInt32BE(body.length)
  return exchange('127.0.0.1', port, body, (received) => received[0] === 'R'.charCodeAt(0))
}

export const postgres: Engine = {
  name: 'postgres',
  title: 'PostgreSQL 15',
  defaultPort: 15432,
  async provide(folders) {
    await installPackages(folders, ['postgresql-15'], () => existsSync(join(programs, 'postgres')))
    return 'Debian package postgresql-15'
  },
  async arrange(_setup, { home }) {
    await makeDatabase(makeFolder(home, 'postgres'))
  },
  nodes({ port }, { home }) {
    const user = serverUser()
    const given = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])
    return [
      {
        name: 'postgres',
        address: '127.0.0.1',
        port,
        command: [join(programs, 'postgres'), '-D', join(home, 'postgres', 'data'), '-p', String(port), ...given],
        ...(user !== undefined && { user }),
        // Disconnects clients and stores all; SIGTERM would wait for them to leave.
        stopSignal: 'SIGINT',
        mindsPredecessor: true,
        answers: () => askToConnect(port),
        patience: 60,
      },
    ]
  },
  variables: ({ port }) => ({ DATABASE_URL: `postgres://${name}:${password}@127.0.0.1:${port}/${name}` }),
}
