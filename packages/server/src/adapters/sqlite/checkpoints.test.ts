import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { Checkpoints } from './checkpoints.ts'
import { openForWriting } from './connection.ts'
import { SqliteStore } from './store.ts'

const pageBytes = 4096 + 24
let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-checkpoints-'))
  file = join(folder, 'parley.db')
})

afterEach(() => rmSync(folder, { recursive: true }))

const logPages = (): number => Math.ceil(statSync(`${file}-wal`).size / pageBytes)

describe('the write-ahead log', () => {
  it('does not grow without bound while it is written and read all the time', async () => {
    const copyPages = 200
    const store = await SqliteStore.open({
      file,
      clock: systemClock,
      gather: 0,
      copyPages,
      onBroken: (reason) => {
        throw new Error(reason)
      },
    })
    let reading = true
    const reader = async (): Promise<void> => {
      while (reading) await store.read('SELECT count(*) FROM marks', [])
    }
    const readers = Promise.all([reader(), reader()])
    const text = 'x'.repeat(40_000)
    let longest = 0
    for (let count = 0; count < 600; count++) {
      await store.write([{ sql: 'INSERT INTO marks (name, value) VALUES (?, ?)', params: [`${count}`, text] }])
      if (count % 10 === 0) longest = Math.max(longest, logPages())
    }
    reading = false
    await readers
    expect(await store.read('SELECT count(*) AS count FROM marks', [])).toEqual([{ count: 600 }])
    await store.close()
    // Ten pages at least for each write.
    expect(longest).toBeGreaterThan(copyPages)
    expect(longest).toBeLessThan(4 * copyPages)
  })

  it('is copied by the writer itself where nobody else does', () => {
    const database = openForWriting(file, 100)
    const checkpoints = new Checkpoints(database, 100, () => {})
    database.exec('CREATE TABLE texts (text TEXT)')
    const insert = database.prepare('INSERT INTO texts VALUES (?)')
    for (let count = 0; count < 200; count++) {
      insert.run('x'.repeat(40_000))
      checkpoints.committed()
    }
    expect(logPages()).toBeGreaterThan(300)
    expect(logPages()).toBeLessThan(330)
    database.close()
  })

  it('is asked for once, and again after a refusal, but not at once', () => {
    const database = openForWriting(file, 20)
    let asked = 0
    const checkpoints = new Checkpoints(database, 20, () => asked++)
    database.exec('CREATE TABLE texts (text TEXT)')
    const insert = database.prepare('INSERT INTO texts VALUES (?)')
    const commit = (times: number): void => {
      for (let count = 0; count < times; count++) {
        insert.run('x'.repeat(3000))
        checkpoints.committed()
      }
    }
    // As many commits, without waiting for the disk.
    database.pragma('synchronous = OFF')
    commit(40)
    expect(asked).toBe(1)
    checkpoints.refused()
    commit(100)
    expect(asked).toBe(1)
    commit(2000)
    expect(asked).toBe(2)
    database.close()
  })

  it('begins anew when the writer has copied the rest', () => {
    const database = openForWriting(file)
    const checkpoints = new Checkpoints(database, 20, () => {})
    database.exec('CREATE TABLE texts (text TEXT)')
    const insert = database.prepare('INSERT INTO texts VALUES (?)')
    for (let count = 0; count < 50; count++) insert.run('x'.repeat(3000))
    const length = (): unknown => (database.pragma('wal_checkpoint(NOOP)') as { log: number }[])[0]?.log
    expect(length()).toBeGreaterThan(50)
    checkpoints.copied()
    insert.run('anew')
    expect(length()).toBeLessThan(5)
    database.close()
  })
})
