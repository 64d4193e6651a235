import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../engine.ts'
import { exchange } from '../lib/exchange.ts'
import { type Folders, makeFolder, versionedName } from '../lib/folders.ts'
import { buildWithGo } from '../lib/go.ts'

const version = '1.24.2'
const source = import.meta.dirname
const address = '127.0.0.1'

function programFolder({ cache }: Folders): string {
  const files = ['go.mod', 'go.sum', 'main.go', 'proxy.go'].map((file) => readFileSync(join(source, file), 'utf8'))
  return join(cache, versionedName('mongodb-ferretdb', version, files))
}

/** `hello` as a document: an int32 1 and the database that is asked. */
function helloMessage(): Buffer {
  const fields = Buffer.from('\x10hello\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0', 'latin1')
  const message = Buffer.alloc(16 + 4 + 1 + 4 + fields.length)
  message.writeInt32LE(message.length, 0)
  message.writeInt32LE(1, 4)
  message.writeInt32LE(2013, 12)
  message.writeInt32LE(4 + fields.length, 21)
  fields.copy(message, 25)
  return message
}

export const mongodb: Engine = {
  name: 'mongodb',
  title: `MongoDB protocol, FerretDB ${version} on SQLite`,
  defaultPort: 15017,
  async provide(folders) {
    await buildWithGo(folders, { folder: programFolder(folders), source, target: '.', program: 'mongodb' })
    return 'built from engines/mongodb with Go'
  },
  async arrange(_setup, { home }) {
    makeFolder(home, 'mongodb')
  },
  nodes({ port }, place) {
    const program = join(programFolder(place), 'mongodb')
    return [
      {
        name: 'mongodb',
        address,
        port,
        command: [program, '-listen', `${address}:${port}`, '-data', join(place.home, 'mongodb')],
        stopSignal: 'SIGTERM',
        answers: () => exchange(address, port, helloMessage(), (received) => (received.length > 25 ? true : undefined)),
        patience: 20,
      },
    ]
  },
  variables: ({ port }) => ({ PARLEY_SESSIONS_URL: `mongodb://${address}:${port}/parley` }),
}
