import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ApnsProvider } from '../adapters/apns/push-provider.ts'
import { FcmProvider } from '../adapters/fcm/push-provider.ts'
import { type ServiceAccount, serviceAccountSchema } from '../adapters/fcm/service-account.ts'
import { WebPushProvider } from '../adapters/webpush/push-provider.ts'
import type { PushProvider } from '../notifications/push-provider.ts'

const hostSchema = z.url({ protocol: /^https?$/ })

/** The file of `--push`. Paths in it are relative to it. */
const pushFileSchema = z.strictObject({
  apns: z
    .array(
      z.strictObject({
        keyFile: z.string(),
        keyId: z.string(),
        teamId: z.string(),
        topics: z.array(z.string()).min(1),
        hosts: z.strictObject({ production: hostSchema.optional(), sandbox: hostSchema.optional() }).optional(),
        caFile: z.string().optional(),
      }),
    )
    .default([]),
  fcm: z
    .array(z.strictObject({ name: z.string().min(1), serviceAccountFile: z.string(), host: hostSchema.optional() }))
    .default([]),
  webpush: z
    .strictObject({
      /** How push services reach the operator, `mailto:` or `https:`. */
      subject: z.url({ protocol: /^(mailto|https)$/ }).optional(),
      /** Endpoints in the operator's own network, such as an own UnifiedPush server. */
      privateAddresses: z.boolean().default(false),
      caFile: z.string().optional(),
    })
    .default({ privateAddresses: false }),
})

export class PushFileError extends Error {
  override readonly name = 'PushFileError'
}

/** The push services that `file` names; browsers are always served. @throws PushFileError that says what is wrong with it */
export function openProviders(
  file: string | undefined,
  { vapid, subject, now }: { vapid: { publicKey: string; privateKey: string }; subject: string; now: () => number },
): PushProvider[] {
  const config = file === undefined ? pushFileSchema.parse({}) : readPushFile(file)
  const read = (path: string): string => readText(resolve(dirname(file ?? '.'), path))
  const authority = (path: string | undefined): string | undefined => (path === undefined ? undefined : read(path))
  const apns = config.apns.map(
    ({ keyFile, caFile, ...app }) => new ApnsProvider({ ...app, key: read(keyFile), ca: authority(caFile), now }),
  )
  const apps = config.fcm.map(({ name, serviceAccountFile, host }) => {
    return { name, host, account: serviceAccountOf(read(serviceAccountFile), serviceAccountFile) }
  })
  const { subject: given, privateAddresses, caFile } = config.webpush
  const ca = authority(caFile)
  const webPush = new WebPushProvider({ vapid, subject: given ?? subject, privateAddresses, ca, now })
  return [...apns, ...(apps.length > 0 ? [new FcmProvider(apps, now)] : []), webPush]
}

/** @throws PushFileError */
export function serviceAccountOf(text: string, path: string): ServiceAccount {
  const account = serviceAccountSchema.safeParse(parse(text, path))
  if (account.success) return account.data
  throw new PushFileError(`${path} is not a service account of Google`)
}

/** @throws PushFileError */
export function readPushFile(file: string): z.output<typeof pushFileSchema> {
  const config = pushFileSchema.safeParse(parse(readText(file), file))
  if (config.success) return config.data
  throw new PushFileError(`${file}: ${z.prettifyError(config.error)}`)
}

/** @throws PushFileError */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new PushFileError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PushFileError(`${path} is not JSON`)
  }
}
