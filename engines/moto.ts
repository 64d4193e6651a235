import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from './engine.ts'
import { installPackages } from './lib/apt.ts'
import { exchange } from './lib/exchange.ts'
import { EngineFailure } from './lib/failure.ts'
import { type Folders, makeFolder, versionedName } from './lib/folders.ts'
import { withLock } from './lib/lock.ts'
import { findProgram, run } from './lib/run.ts'

const version = '5.2.5'
const packages = [`moto[s3]==${version}`, 'flask==3.1.3', 'flask-cors==6.0.5']
const address = '127.0.0.1'

const programFolder = ({ cache }: Folders): string => join(cache, versionedName('s3-moto', version, packages))

/** Debian has the module that does it in a package of its own. */
function canMakeFolders(): boolean {
  const python = findProgram('python3')
  return python !== undefined && spawnSync(python, ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0
}

async function install(folders: Folders): Promise<void> {
  const folder = programFolder(folders)
  if (existsSync(folder)) return
  await installPackages(folders, ['python3-venv'], canMakeFolders)
  const python = findProgram('python3')
  if (python === undefined) throw new EngineFailure('Python 3.10 or later is needed, and "python3" is not in PATH')
  await withLock(folders.state, 'moto', async () => {
    if (existsSync(folder)) return
    const making = makeFolder(`${folder}.${process.pid}`)
    try {
      await run(python, ['-m', 'venv', making])
      const quiet = ['-q', '--disable-pip-version-check', '--no-input']
      await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', ...quiet, ...packages])
      renameSync(making, folder)
    } finally {
      rmSync(making, { recursive: true, force: true })
    }
  })
}

/** A simulator of S3 with storage classes and restoring; takes any signature and keeps everything in memory. */
export const moto: Engine = {
  name: 'moto',
  title: `S3 with storage classes, moto ${version}: a simulator`,
  defaultPort: 15700,
  async provide(folders) {
    await install(folders)
    return 'installed by pip'
  },
  async arrange(_setup, { home }) {
    makeFolder(home)
  },
  nodes({ port }, place) {
    // By module: the programs beside Python know the folder that they were made in.
    const python = join(programFolder(place), 'bin', 'python')
    return [
      {
        name: 'moto',
        address,
        port,
        command: [python, '-m', 'moto.server', '-H', address, '-p', String(port)],
        stopSignal: 'SIGTERM',
        answers: () =>
          exchange(address, port, `GET /moto-api/ HTTP/1.1\r\nHost: ${address}\r\n\r\n`, (received) =>
            received.includes('\r\n\r\n') ? received.toString().startsWith('HTTP/1.1 200') : undefined,
          ),
        patience: 30,
      },
    ]
  },
  variables: ({ port }) => ({ MOTO_ENDPOINT: `http://${address}:${port}` }),
}
