import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import type { S3Place } from './driver.ts'
import { openS3 } from './open.ts'
import { classes, missing, missingClasses, server, TestBucket } from './test-buckets.contract.ts'

const check = async (place: S3Place, { origin, ahead = 0 }: { origin?: string; ahead?: number } = {}) => {
  const clock = { ...systemClock, now: () => systemClock.now() + ahead }
  const opened = await openS3(place, { clock, logger: silentLogger })
  try {
    return await opened.check(origin)
  } finally {
    await opened.close()
  }
}

describe.skipIf(server === '')(`what doctor asks of S3${missing}`, () => {
  let bucket: TestBucket
  beforeAll(async () => {
    bucket = await TestBucket.make(server)
  })
  afterAll(() => bucket.remove())

  it('it answers, takes uploads in parts by signed URLs, and nothing of the question stays', async () => {
    const report = await check(bucket.place)
    expect(report).toMatchObject({ engine: 'S3', settings: { bucket: bucket.place.bucket, uploads: 'in parts' } })
    expect(report.latency).toBeGreaterThan(0)
    expect(Math.abs(report.clockSkew!)).toBeLessThan(3000)
    expect(report.advice).toEqual([])
    expect([await bucket.keys(), await bucket.unfinished()]).toEqual([[], 0])
  })

  it('says what clients would run into: another address, another origin', async () => {
    const away = await check({ ...bucket.place, publicEndpoint: 'http://127.0.0.1:1' })
    expect(away.settings.uploads).toBe('not reached')
    expect(away.advice.join()).toContain('S3_PUBLIC_ENDPOINT')
    const web = await check(bucket.place, { origin: 'https://chat.example.org' })
    expect(web.advice.join()).toContain('CORS')
  })

  it('says that clocks differ', async () => {
    const report = await check(bucket.place, { ahead: 60_000 })
    expect(report.advice.join()).toMatch(/(59|60|61)\d{3} ms behind/)
  })

  it('says what is wrong: keys, bucket, address', async () => {
    const credentials = { accessKeyId: 'parley', secretAccessKey: 'another' }
    await expect(check({ ...bucket.place, credentials })).rejects.toThrow('SignatureDoesNotMatch')
    await expect(check({ ...bucket.place, bucket: 'there-is-none' })).rejects.toThrow('no such bucket')
    await expect(check({ ...bucket.place, endpoint: 'http://127.0.0.1:1' })).rejects.toThrow('does not answer')
  })
})

describe.skipIf(classes === '')(`what doctor asks of S3 with rules${missingClasses}`, () => {
  it('advises a rule for uploads that nobody goes on with', async () => {
    const bucket = await TestBucket.make(classes)
    const report = await check(bucket.place)
    expect(report.settings.lifecycle).toBe('none')
    expect(report.advice.join()).toContain('lifecycle rule')
    await bucket.remove()
  })
})
