import { X509Certificate } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { ProviderToken } from '../adapters/apns/provider-token.ts'
import { checkKey } from '../adapters/fcm/service-account.ts'
import { systemClock } from '../lib/clock.ts'
import type { Settings } from './options.ts'
import { PushFileError, readPushFile, readText, serviceAccountOf } from './push-config.ts'

/** One thing that the file of `--push` names, and what to do where it is not as it should be. */
export interface PushCheck {
  state: 'good' | 'warning' | 'bad'
  found: string
  advice?: string
}

/** Looks at the file of `--push` and the credentials it names, without asking anybody; nothing when there is no file. */
export async function checkPush({ push: file, publicUrl }: Settings): Promise<PushCheck[]> {
  if (file === undefined) return []
  let config: ReturnType<typeof readPushFile>
  try {
    config = readPushFile(file)
  } catch (error) {
    return [bad(error, 'Name a file of this form with --push; docs/notifications.md shows one.')]
  }
  const read = (path: string): string => readText(resolve(dirname(file), path))
  const checks: PushCheck[] = []
  for (const { keyFile, keyId, teamId, topics, caFile } of config.apns) {
    const app = `APNs: ${topics.join(', ')}`
    checks.push(
      await look(app, async () => {
        const key = read(keyFile)
        const token = new ProviderToken({ key, keyId, teamId, now: () => systemClock.now() })
        await orSay(token.get(), `${keyFile} is not a key of Apple`)
        checkAuthority(caFile, read)
        return `${app} (key ${keyId} of team ${teamId})`
      }),
    )
  }
  for (const { name, serviceAccountFile } of config.fcm) {
    const app = `FCM: ${name}`
    checks.push(
      await look(app, async () => {
        const account = serviceAccountOf(read(serviceAccountFile), serviceAccountFile)
        await orSay(checkKey(account), `the private_key in ${serviceAccountFile} is no key`)
        return `${app} (project ${account.project_id})`
      }),
    )
  }
  const { subject, caFile } = config.webpush
  const reached = subject ?? (publicUrl?.startsWith('https:') ? publicUrl : undefined)
  const browsers = await look('Web Push', async () => {
    checkAuthority(caFile, read)
    return `Web Push: ${reached}`
  })
  checks.push(browsers.state === 'good' && reached === undefined ? withoutSubject : browsers)
  return checks
}

const withoutSubject: PushCheck = {
  state: 'warning',
  found: 'Web Push: push services do not know how to reach you, and some refuse that',
  advice: 'Set webpush.subject, such as "mailto:you@example.org", or --public-url.',
}

/** `check` says what is there. @throws what is not a PushFileError */
async function look(what: string, check: () => Promise<string>): Promise<PushCheck> {
  try {
    return { state: 'good', found: await check() }
  } catch (error) {
    return bad(error, 'Use the file as it was given to you; paths are relative to the file of --push.', what)
  }
}

const bad = (error: unknown, advice: string, what = 'file'): PushCheck => {
  if (!(error instanceof PushFileError)) throw error
  return { state: 'bad', found: `${what}: ${error.message}`, advice }
}

async function orSay(work: Promise<unknown>, message: string): Promise<void> {
  await work.catch((cause) => {
    throw new PushFileError(message, { cause })
  })
}

function checkAuthority(path: string | undefined, read: (path: string) => string): void {
  if (path === undefined) return
  const pem = read(path)
  try {
    new X509Certificate(pem)
  } catch (cause) {
    throw new PushFileError(`${path} holds no certificate (PEM)`, { cause })
  }
}
