import { createClient, loadDriver } from '../../../server/src/adapters/s3/driver.ts'

const { S3_ENDPOINT, S3_BUCKET, S3_REGION = 'us-east-1' } = process.env

/** For the title of tests that are left out; '' where S3 runs. */
export const missingObjects = S3_ENDPOINT && S3_BUCKET ? '' : ' (no S3_ENDPOINT: npm run engines -- up s3)'

/** A place of its own in the bucket that is there, if any. */
export class ObjectSpace {
  readonly #prefix

  constructor(name: string) {
    this.#prefix = `${name}/`
  }

  /** Variables beside AWS_*, which a server finds by itself. */
  get env(): Record<string, string> {
    if (missingObjects) return {}
    const place = { S3_ENDPOINT: S3_ENDPOINT ?? '', S3_BUCKET: S3_BUCKET ?? '', S3_REGION, S3_PREFIX: this.#prefix }
    return { ...place, S3_FORCE_PATH_STYLE: 'true' }
  }

  get settings() {
    if (missingObjects) return {}
    const place = { s3Endpoint: S3_ENDPOINT, s3Bucket: S3_BUCKET, s3Region: S3_REGION, s3Prefix: this.#prefix }
    return { ...place, s3ForcePathStyle: true }
  }

  /** Keys in it, without what all of them begin with. */
  async keys(): Promise<string[]> {
    return this.#with(async ({ send, ListObjectsV2Command }) => {
      const { Contents = [] } = await send(new ListObjectsV2Command({ Bucket: S3_BUCKET, Prefix: this.#prefix }))
      return Contents.map(({ Key = '' }) => Key.slice(this.#prefix.length))
    })
  }

  /** Uploads in parts that were begun, and neither put together nor given up. */
  async unfinished(): Promise<{ Key?: string | undefined; UploadId?: string | undefined }[]> {
    return this.#with(async ({ send, ListMultipartUploadsCommand }) => {
      const listed = await send(new ListMultipartUploadsCommand({ Bucket: S3_BUCKET, Prefix: this.#prefix }))
      return listed.Uploads ?? []
    })
  }

  async remove(): Promise<void> {
    if (missingObjects) return
    const [keys, unfinished] = [await this.keys(), await this.unfinished()]
    await this.#with(async ({ send, DeleteObjectCommand, AbortMultipartUploadCommand }) => {
      for (const { Key, UploadId } of unfinished)
        await send(new AbortMultipartUploadCommand({ Bucket: S3_BUCKET, Key, UploadId }))
      for (const key of keys) await send(new DeleteObjectCommand({ Bucket: S3_BUCKET, Key: `${this.#prefix}${key}` }))
    })
  }

  async #with<T>(work: (driver: Sending) => Promise<T>): Promise<T> {
    const driver = await loadDriver()
    const client = createClient(
      driver,
      {
        endpoint: S3_ENDPOINT,
        publicEndpoint: undefined,
        bucket: S3_BUCKET ?? '',
        prefix: '',
        region: S3_REGION,
        forcePathStyle: true,
        coldClass: undefined,
        credentials: undefined,
      },
      S3_ENDPOINT,
    )
    try {
      return await work({ ...driver, send: client.send.bind(client) })
    } finally {
      client.destroy()
    }
  }
}

type Driver = Awaited<ReturnType<typeof loadDriver>>
type Sending = Driver & { send: InstanceType<Driver['S3Client']>['send'] }
