import { systemClock } from '../../lib/clock.ts'
import { type Logger, silentLogger } from '../../lib/logger.ts'
import { realTime } from '../../lib/stores.contract.ts'
import type { BlobNode } from '../../media/blob-store.contract.ts'
import type { UploadPlan } from '../../media/blob-store.ts'
import { S3BlobStore } from './blob-store.ts'
import { S3Connection } from './connection.ts'
import { createClient, loadDriver, type S3Place } from './driver.ts'

/** Where S3 is that minds signatures, for tests; '' where none runs. */
export const server = process.env.S3_ENDPOINT ?? ''
/** For the title of tests that are left out. */
export const missing = server === '' ? ' (S3 is not running: npm run engines -- up s3)' : ''

/** Where S3 is that has storage classes, for tests; '' where none runs. */
export const classes = process.env.MOTO_ENDPOINT ?? ''
export const missingClasses = classes === '' ? ' (moto is not running: npm run engines -- up moto)' : ''

export const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? 'parley',
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? 'parley-secret',
}

/** Bytes that take two parts. */
const several = 10 * 1024 * 1024

export const placeAt = (endpoint: string, changes: Partial<S3Place> = {}): S3Place => ({
  endpoint,
  publicEndpoint: undefined,
  bucket: `parley-test-${process.pid}-${Math.random().toString(36).slice(2, 10)}`,
  prefix: 'some/where/',
  region: process.env.S3_REGION ?? 'us-east-1',
  forcePathStyle: true,
  coldClass: undefined,
  credentials,
  ...changes,
})

/** A bucket of a test file's own. */
export class TestBucket {
  readonly place
  readonly #client

  private constructor(place: S3Place, client: ReturnType<typeof createClient>) {
    this.place = place
    this.#client = client
  }

  static async make(endpoint: string, changes: Partial<S3Place> = {}): Promise<TestBucket> {
    const driver = await loadDriver()
    const place = placeAt(endpoint, changes)
    const client = createClient(driver, place, endpoint)
    await client.send(new driver.CreateBucketCommand({ Bucket: place.bucket }))
    return new TestBucket(place, client)
  }

  async keys(): Promise<string[]> {
    const { ListObjectsV2Command } = await loadDriver()
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket: this.place.bucket }))
    return Contents.map(({ Key = '' }) => Key)
  }

  /** Uploads in parts that were begun, and neither put together nor given up. */
  async unfinished(): Promise<number> {
    const { ListMultipartUploadsCommand } = await loadDriver()
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.place.bucket }))
    return Uploads.length
  }

  async remove(): Promise<void> {
    const { AbortMultipartUploadCommand, DeleteBucketCommand, DeleteObjectCommand, ListMultipartUploadsCommand } =
      await loadDriver()
    const { bucket: Bucket } = this.place
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket }))
    for (const { Key, UploadId } of Uploads)
      await this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    for (const Key of await this.keys()) await this.#client.send(new DeleteObjectCommand({ Bucket, Key }))
    await this.#client.send(new DeleteBucketCommand({ Bucket }))
    this.#client.destroy()
  }

  open() {
    return TestBucket.over(this.place)
  }

  /** Nodes over a bucket that is there. */
  static async over(place: S3Place, logger: Logger = silentLogger) {
    const driver = await loadDriver()
    const connections: S3Connection[] = []
    const node = async (): Promise<BlobNode> => {
      const connection = new S3Connection(driver, place, systemClock, logger)
      connections.push(connection)
      return { blobs: new S3BlobStore(connection, systemClock, place.coldClass), send: sendParts, several }
    }
    const close = async () => {
      for (const connection of connections) connection.close()
    }
    return { ...realTime, node, close }
  }
}

async function sendParts(_id: string, plan: UploadPlan, bytes: Uint8Array, from: number, to: number): Promise<void> {
  if (plan.by !== 'parts') throw new Error('not in parts')
  for (const part of plan.parts) {
    if (part.stored || part.from < from || part.from + part.size > to) continue
    await putPart(part.url, bytes.slice(part.from, part.from + part.size))
  }
}

export async function putPart(url: string, bytes: Uint8Array): Promise<void> {
  const answer = await fetch(url, { method: 'PUT', body: Buffer.from(bytes) })
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
}
