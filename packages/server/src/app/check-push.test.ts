import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkPush } from './check-push.ts'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-push-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pkcs8 = { type: 'pkcs8', format: 'pem' } as const
const appleKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pkcs8)
const googleKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pkcs8)
const account = { project_id: 'chat-1', private_key_id: '1', private_key: googleKey, client_email: 'a@example.org' }

function put(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const check = (push: string, flags: object = {}) =>
  checkPush(readConfig({ flags: { push, ...flags }, env: {} }).settings)

/** A file that names good credentials, and `more`. */
function pushFile(more: object = {}): string {
  put('apple.p8', appleKey)
  put('google.json', account)
  return put('push.json', {
    apns: [{ keyFile: 'apple.p8', keyId: 'K1', teamId: 'T1', topics: ['org.example.app', 'org.example.pro'] }],
    fcm: [{ name: 'main', serviceAccountFile: 'google.json' }],
    webpush: { subject: 'mailto:me@example.org' },
    ...more,
  })
}

describe('what doctor says of the file of --push', () => {
  it('names the apps that it is for', async () => {
    expect(await check(pushFile())).toEqual([
      { state: 'good', found: 'APNs: org.example.app, org.example.pro (key K1 of team T1)' },
      { state: 'good', found: 'FCM: main (project chat-1)' },
      { state: 'good', found: 'Web Push: mailto:me@example.org' },
    ])
  })

  it('without a file there is nothing to say', async () => {
    expect(await checkPush(readConfig({ flags: {}, env: {} }).settings)).toEqual([])
  })

  it.each([
    ['is not there', () => join(folder, 'nowhere.json'), 'cannot be read'],
    ['is not JSON', () => put('text.json', 'apns:'), 'is not JSON'],
    ['has another form', () => put('form.json', { apn: [] }), 'apn'],
  ])('a file that %s', async (_, file, said) => {
    const [found, ...more] = await check(file())
    expect(found).toMatchObject({ state: 'bad', found: expect.stringContaining(said), advice: expect.any(String) })
    expect(more).toEqual([])
  })

  const apple = { keyId: 'K1', teamId: 'T1', topics: ['org.example.app'] }
  it.each([
    ['a key that is not there', { apns: [{ ...apple, keyFile: 'nowhere.p8' }] }, 'nowhere.p8 cannot be read'],
    ['a file that is no key', { apns: [{ ...apple, keyFile: 'no.p8' }] }, 'no.p8 is not a key of Apple'],
    ['a key of another kind', { apns: [{ ...apple, keyFile: 'rsa.p8' }] }, 'rsa.p8 is not a key of Apple'],
    [
      'an account that is none',
      { fcm: [{ name: 'a', serviceAccountFile: 'form.json' }] },
      'form.json is not a service',
    ],
    ['an account with no key', { fcm: [{ name: 'a', serviceAccountFile: 'cut.json' }] }, 'in cut.json is no key'],
    ['a certificate that is none', { webpush: { caFile: 'no.p8' } }, 'no.p8 holds no certificate'],
  ])('%s is told by name, the others all the same', async (_, more, said) => {
    put('no.p8', 'nothing')
    put('rsa.p8', googleKey)
    put('form.json', {})
    put('cut.json', { ...account, private_key: appleKey.slice(0, 80) })
    const checks = await check(pushFile(more))
    expect(checks.filter(({ state }) => state === 'bad')).toEqual([
      { state: 'bad', found: expect.stringContaining(said), advice: expect.any(String) },
    ])
    expect(checks).toHaveLength(3)
  })

  it('push services have to know whom to write to', async () => {
    const file = pushFile({ webpush: {} })
    expect((await check(file)).at(-1)).toMatchObject({ state: 'warning', advice: expect.stringContaining('subject') })
    const known = await check(file, { publicUrl: 'https://chat.example.org' })
    expect(known.at(-1)).toEqual({ state: 'good', found: 'Web Push: https://chat.example.org' })
  })
})
