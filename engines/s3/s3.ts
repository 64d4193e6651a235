import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../engine.ts'
import { exchange } from '../lib/exchange.ts'
import { type Folders, makeFolder, versionedName } from '../lib/folders.ts'
import { buildWithGo } from '../lib/go.ts'

const version = '1.8.0'
const source = import.meta.dirname
const target = 'github.com/versity/versitygw/cmd/versitygw'
const address = '127.0.0.1'
const region = 'us-east-1'
const bucket = 'parley'
const access = 'parley'
const secret = 'parley-secret'

function programFolder({ cache }: Folders): string {
  const files = ['go.mod', 'go.sum'].map((file) => readFileSync(join(source, file), 'utf8'))
  return join(cache, versionedName('s3-versitygw', version, files))
}

/** Signatures, multipart, presigned URLs, ranges, conditional writes; no storage classes. */
export const s3: Engine = {
  name: 's3',
  title: `S3, versitygw ${version} on a folder`,
  defaultPort: 15900,
  async provide(folders) {
    await buildWithGo(folders, { folder: programFolder(folders), source, target, program: 'versitygw' })
    return 'built from engines/s3 with Go'
  },
  async arrange(_setup, { home }) {
    // A folder below the first one is a bucket.
    makeFolder(home, 's3', bucket)
  },
  nodes({ port }, place) {
    const program = join(programFolder(place), 'versitygw')
    const listen = [
      '--port',
      `${address}:${port}`,
      '--region',
      region,
      '--keep-alive',
      '--health',
      '/healthz',
      '--quiet',
    ]
    return [
      {
        name: 's3',
        address,
        port,
        command: [program, ...listen, 'posix', join(place.home, 's3')],
        env: { ROOT_ACCESS_KEY: access, ROOT_SECRET_KEY: secret },
        stopSignal: 'SIGTERM',
        answers: () =>
          exchange(address, port, `GET /healthz HTTP/1.1\r\nHost: ${address}\r\n\r\n`, (received) =>
            received.includes('\r\n\r\n') ? received.toString().startsWith('HTTP/1.1 200') : undefined,
          ),
        patience: 20,
      },
    ]
  },
  variables: ({ port }) => ({
    S3_ENDPOINT: `http://${address}:${port}`,
    S3_BUCKET: bucket,
    S3_REGION: region,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: access,
    AWS_SECRET_ACCESS_KEY: secret,
  }),
}
