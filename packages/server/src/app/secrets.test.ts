import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MemorySecretStore } from '../adapters/memory/secret-store.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import { loadSecrets, sharedSecrets } from './secrets.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('secrets of a data folder', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are made once, for the eyes of the owner', () => {
    const first = loadSecrets(folder, seededRandom(1))
    const second = loadSecrets(folder, seededRandom(2))
    expect([hex(second.ticketKey), second.epoch]).toEqual([hex(first.ticketKey), first.epoch])
    expect(readdirSync(folder)).toEqual(['secrets.json'])
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(Object.keys(JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')))).toEqual([
      'ticketKey',
      'epoch',
      'vapidKey',
    ])
  })

  it('are made by a start whose predecessor was interrupted', () => {
    writeFileSync(join(folder, 'secrets.json.new'), '{"ticketKey":"')
    const first = loadSecrets(folder, seededRandom(1))
    expect(loadSecrets(folder, seededRandom(2)).epoch).toBe(first.epoch)
  })
})

it('secrets of a service are the same on all its nodes, also when the first start together', async () => {
  const store = new MemorySecretStore()
  const all = await Promise.all([1, 2, 3].map((seed) => sharedSecrets(store, seededRandom(seed))))
  const shown = all.map(({ ticketKey, epoch, linkKey }) => [hex(ticketKey), epoch, hex(linkKey)])
  expect(shown[1]).toEqual(shown[0])
  expect(shown[2]).toEqual(shown[0])
  expect(shown[0]).toEqual([
    expect.stringMatching(/^.{64}$/),
    expect.stringMatching(/^[0-9a-f]{12}$/),
    expect.any(String),
  ])
  expect(new Set(shown[0]).size).toBe(3)
})
