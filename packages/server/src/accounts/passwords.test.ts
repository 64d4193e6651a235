import { argon2Sync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../lib/seeded-random.ts'
import { isUnavailable } from '../lib/stores.contract.ts'
import { Argon2Hasher } from './passwords.ts'

const hasher = () => new Argon2Hasher(seededRandom(7))

describe('passwords', () => {
  it('are stored as argon2id with 19 MiB and two passes, never the same twice', async () => {
    const passwords = hasher()
    const [one, two] = [await passwords.hash('long enough'), await passwords.hash('long enough')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(two).not.toBe(one)
    expect(one).not.toContain('long enough')
  })

  it('are recognised, and others are not', async () => {
    const passwords = hasher()
    const stored = await passwords.hash('long enough')
    expect(await passwords.verify('long enough', stored)).toBe(true)
    for (const wrong of ['long enougH', 'long enough ', '']) expect(await passwords.verify(wrong, stored)).toBe(false)
  })

  it('are recognised however an accent was typed', async () => {
    const stored = await hasher().hash('caf\u00e9 au lait')
    expect(await hasher().verify('cafe\u0301 au lait', stored)).toBe(true)
  })

  it('are checked at the cost that they were stored with', async () => {
    const nonce = Buffer.alloc(16, 9)
    const tag = argon2Sync('argon2id', {
      message: 'long enough',
      nonce,
      memory: 64,
      passes: 3,
      parallelism: 1,
      tagLength: 16,
    })
    const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
    const stored = `$argon2id$v=19$m=64,t=3,p=1$${text(nonce)}$${text(tag)}`
    expect(await hasher().verify('long enough', stored)).toBe(true)
    expect(await hasher().verify('long enougH', stored)).toBe(false)
  })

  it('open nothing when nothing is stored, or something that is no such hash', async () => {
    const stored = await hasher().hash('long enough')
    for (const none of [
      undefined,
      '',
      'long enough',
      stored.replace('argon2id', 'argon2i'),
      `${stored}$`,
      '$argon2id$',
    ])
      expect(await hasher().verify('long enough', none)).toBe(false)
  })

  it('I11: two are worked on at once, two hundred wait, more are told to come back', async () => {
    const passwords = hasher()
    const outcomes = await Promise.allSettled(Array.from({ length: 210 }, () => passwords.verify('x', undefined)))
    const refused = outcomes.filter((one) => one.status === 'rejected')
    expect(refused).toHaveLength(8)
    for (const { reason } of refused) expect(isUnavailable(reason)).toBe(true)
    expect(await passwords.verify('x', undefined)).toBe(false)
  })

  it('an unknown user costs the same as a wrong password', async () => {
    const passwords = hasher()
    const stored = await passwords.hash('long enough')
    const time = async (known: string | undefined) => {
      const started = process.cpuUsage()
      for (let i = 0; i < 8; i++) await passwords.verify('wrong password', known)
      const { user, system } = process.cpuUsage(started)
      return user + system
    }
    await time(stored)
    const ratio = (await time(undefined)) / (await time(stored))
    expect(ratio).toBeGreaterThan(0.5)
    expect(ratio).toBeLessThan(2)
  })
})
