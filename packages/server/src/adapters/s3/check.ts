import type { Clock } from '../../lib/clock.ts'
import { type EngineReport, measure, skewAdvice } from '../../lib/engine-report.ts'
import type { S3Connection } from './connection.ts'
import { codeOf } from './failures.ts'

/** Milliseconds that the public address has. */
const patience = 5_000
const signedFor = 60
/** Milliseconds: its clock is told in seconds, and by some once a second. */
const skewTold = 5_000
const partBytes = 1

/**
 * What the store says of itself, and whether it takes what uploads need: signed requests, uploads in parts, a part put
 * by a signed URL at the address of clients. `origin`: of the web app. @throws AppError `unavailable`
 */
export async function checkS3(connection: S3Connection, clock: Clock, origin?: string): Promise<EngineReport> {
  const { driver, bucket: Bucket } = connection
  const measured = await measure(clock, async () => {
    await connection.run((client, abortSignal) =>
      client.send(new driver.ListObjectsV2Command({ Bucket, MaxKeys: 1 }), { abortSignal }),
    )
    // Given in whole seconds: half of one is what it is off by in the middle.
    return connection.told.date === undefined ? undefined : Date.parse(connection.told.date) + 500
  })
  const { server } = connection.told
  const skewed = Math.abs(measured.clockSkew ?? 0) > skewTold
  const advice = skewed ? skewAdvice(measured.clockSkew) : []
  const settings: Record<string, string> = { bucket: Bucket }
  const note = (name: string, found: string, wrong?: string): void => {
    settings[name] = found
    if (wrong !== undefined) advice.push(wrong)
  }
  note(...(await checkUpload(connection, origin)))
  note(...(await checkLifecycle(connection)))
  note(...(await checkVersioning(connection)))
  return { engine: 'S3', version: server ?? 'unknown', ...measured, settings, advice }
}

type Note = [name: string, found: string, advice?: string]

async function checkUpload(connection: S3Connection, origin: string | undefined): Promise<Note> {
  const { driver, bucket: Bucket } = connection
  const Key = `${connection.prefix}doctor`
  const { UploadId } = await connection.run((client, abortSignal) =>
    client.send(new driver.CreateMultipartUploadCommand({ Bucket, Key }), { abortSignal }),
  )
  try {
    const part = { Bucket, Key, UploadId, PartNumber: 1, ContentLength: partBytes }
    const url = await connection.sign(new driver.UploadPartCommand(part), signedFor)
    const signal = AbortSignal.timeout(patience)
    const put = await fetch(url, { method: 'PUT', body: new Uint8Array(partBytes), signal }).catch((error) =>
      String(error),
    )
    const { origin: address } = new URL(url)
    if (typeof put === 'string')
      return [
        'uploads',
        'not reached',
        `${address} is not reached from here: set S3_PUBLIC_ENDPOINT to what clients reach.`,
      ]
    if (!put.ok)
      return [
        'uploads',
        `refused (${put.status})`,
        `${address} refuses a signed URL: does a proxy change its host name?`,
      ]
    if (origin !== undefined && !(await allowsOrigin(url, origin)))
      return [
        'uploads',
        'in parts, not from browsers',
        `Allow ${origin} to GET and PUT by the CORS rules of the bucket.`,
      ]
    return ['uploads', 'in parts']
  } finally {
    await connection.run((client, abortSignal) =>
      client.send(new driver.AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal }),
    )
  }
}

async function allowsOrigin(url: string, origin: string): Promise<boolean> {
  const asked = { Origin: origin, 'Access-Control-Request-Method': 'PUT' }
  const answer = await fetch(url, { method: 'OPTIONS', headers: asked, signal: AbortSignal.timeout(patience) })
  return ['*', origin].includes(answer.headers.get('access-control-allow-origin') ?? '')
}

const lifecycleAdvice =
  'Add a lifecycle rule that aborts incomplete multipart uploads after 7 days: it clears away what a lost server left.'

async function checkLifecycle(connection: S3Connection): Promise<Note> {
  const { driver, bucket: Bucket } = connection
  try {
    const { Rules = [] } = await connection.run((client, abortSignal) =>
      client.send(new driver.GetBucketLifecycleConfigurationCommand({ Bucket }), { abortSignal }),
    )
    const aborts = Rules.some((rule) => rule.Status === 'Enabled' && rule.AbortIncompleteMultipartUpload)
    return ['lifecycle', aborts ? 'aborts old uploads' : `${Rules.length} rules`, aborts ? undefined : lifecycleAdvice]
  } catch (error) {
    if (codeOf(error) === 'NoSuchLifecycleConfiguration') return ['lifecycle', 'none', lifecycleAdvice]
    return ['lifecycle', 'not known']
  }
}

async function checkVersioning(connection: S3Connection): Promise<Note> {
  const { driver, bucket: Bucket } = connection
  try {
    const { Status } = await connection.run((client, abortSignal) =>
      client.send(new driver.GetBucketVersioningCommand({ Bucket }), { abortSignal }),
    )
    if (Status === 'Enabled')
      return [
        'versioning',
        'on',
        'Deleted media stay as old versions: expire those by a lifecycle rule, or suspend versioning.',
      ]
    return ['versioning', 'off']
  } catch {
    return ['versioning', 'not known']
  }
}
