import type { S3Client } from '@aws-sdk/client-s3'
import { silentLogger } from '../../lib/logger.ts'
import type { ColdClass } from './tiers.ts'

/** The parts of the drivers that are used; they are installed only where S3 is. */
export type Driver = typeof import('@aws-sdk/client-s3') & {
  getSignedUrl: typeof import('@aws-sdk/s3-request-presigner').getSignedUrl
}
export type { S3Client }

/** @throws Error that names the packages where one is missing */
export async function loadDriver(): Promise<Driver> {
  try {
    const [client, presigner] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/s3-request-presigner'),
    ])
    return { ...client, getSignedUrl: presigner.getSignedUrl }
  } catch (error) {
    throw new Error(
      'S3 needs the packages @aws-sdk/client-s3 and @aws-sdk/s3-request-presigner: npm install @aws-sdk/client-s3 @aws-sdk/s3-request-presigner',
      { cause: error },
    )
  }
}

/** Where the objects are. */
export interface S3Place {
  /** What this server reaches it by; undefined: AWS, by region. */
  endpoint: string | undefined
  /** What clients reach it by; undefined: the same. */
  publicEndpoint: string | undefined
  bucket: string
  /** What keys begin with. */
  prefix: string
  region: string
  /** Bucket in the path, not in the host name: what servers other than AWS mostly need. */
  forcePathStyle: boolean
  /** Storage class of the cold tier; undefined: there is none. */
  coldClass: ColdClass | undefined
  /** undefined: what the driver finds (environment, profile, role of the machine). */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined
}

/** Milliseconds until a connection must stand, and for which one may be silent. */
const connectPatience = 2_000
const silence = 10_000
const sockets = 128
/** A lost connection and an answer of 5xx are tried again; all tries together have the time limit of the call. */
const attempts = 3

export function createClient(driver: Driver, place: S3Place, endpoint: string | undefined): S3Client {
  return new driver.S3Client({
    region: place.region,
    forcePathStyle: place.forcePathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(place.credentials && { credentials: place.credentials }),
    maxAttempts: attempts,
    // Its words would go to the console; what matters is told by who asked.
    logger: silentLogger,
    // By default every request carries checksums in trailers, which many servers do not take.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectPatience,
      socketTimeout: silence,
      httpAgent: { keepAlive: true, maxSockets: sockets },
      httpsAgent: { keepAlive: true, maxSockets: sockets },
    },
  })
}
