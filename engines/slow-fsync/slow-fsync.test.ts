import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type SlowFsync, slowFsyncEnv } from './build.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-slow-fsync-'))
afterAll(() => rmSync(folder, { recursive: true }))

const script = `
  const fs = require('node:fs')
  const file = fs.openSync(process.argv[1], 'w')
  const began = performance.now()
  const codes = [fs.fsyncSync, fs.fdatasyncSync].map((flush) => { try { flush(file); return 'stored' } catch (error) { return error.code } })
  console.log(JSON.stringify({ codes, ms: performance.now() - began }))`

function flushTwice(wanted: SlowFsync): { codes: string[]; ms: number } {
  const env = { ...process.env, ...slowFsyncEnv(wanted) }
  const output = execFileSync(process.execPath, ['-e', script, join(folder, 'data')], { env, encoding: 'utf8' })
  return JSON.parse(output)
}

describe.runIf(process.platform === 'linux')('slow-fsync', () => {
  it('slows fsync and fdatasync, and still flushes', () => {
    const { codes, ms } = flushTwice({ ms: 150 })
    expect(codes).toEqual(['stored', 'stored'])
    expect(ms).toBeGreaterThanOrEqual(300)
  })

  it('fails both with the error that is named', () => {
    expect(flushTwice({ errno: 5 }).codes).toEqual(['EIO', 'EIO'])
  })

  it('leaves files elsewhere alone', () => {
    expect(flushTwice({ errno: 5, under: '/nowhere/' }).codes).toEqual(['stored', 'stored'])
    expect(flushTwice({ errno: 5, under: folder }).codes).toEqual(['EIO', 'EIO'])
  })

  it('is switched by a file', () => {
    const flag = join(folder, 'flag')
    expect(flushTwice({ errno: 28, while: flag }).codes).toEqual(['stored', 'stored'])
    writeFileSync(flag, '')
    expect(flushTwice({ errno: 28, while: flag }).codes).toEqual(['ENOSPC', 'ENOSPC'])
  })
})
