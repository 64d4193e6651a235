import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { coordinatorRules } from '../../cluster/coordinator.contract.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { LocalCoordinator } from './coordinator.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-local-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function open() {
  const node = async () => ({ coordinator: new LocalCoordinator(folder) })
  return { ...realTime, node, close: async () => {} }
}

describeContract('coordinator of one process', coordinatorRules, open, { runs: 20, exact: true })

describe('the ceiling of ids in a file', () => {
  const file = () => join(folder, 'id-ceiling')

  it('is there before `raise` resolves, readable by nobody else', async () => {
    const lease = await new LocalCoordinator(folder).lease()
    await lease.raise(1_800_000_000_000)
    expect(readFileSync(file(), 'utf8')).toBe('1800000000000\n')
    expect(statSync(file()).mode & 0o777).toBe(0o600)
  })

  it('a half-written successor does not count', async () => {
    const lease = await new LocalCoordinator(folder).lease()
    await lease.raise(1000)
    writeFileSync(`${file()}.next`, '99')
    const next = await new LocalCoordinator(folder).lease()
    expect(next.ceiling()).toBe(1000)
    await next.raise(2000)
    expect((await new LocalCoordinator(folder).lease()).ceiling()).toBe(2000)
  })

  it('stays where it is when it cannot be written, and goes on when it can', async () => {
    const lease = await new LocalCoordinator(folder).lease()
    await lease.raise(1000)
    await mkdir(`${file()}.next`)
    await expect(lease.raise(2000)).rejects.toThrow()
    expect(lease.ceiling()).toBe(1000)
    await rm(`${file()}.next`, { recursive: true })
    await lease.raise(3000)
    expect(lease.ceiling()).toBe(3000)
  })

  for (const damage of ['', 'soon', '-5', '1e3', '0x10', '9999999999999999']) {
    it(`"${damage}" is refused: starting at 0 could make ids twice`, () => {
      writeFileSync(file(), damage)
      expect(() => new LocalCoordinator(folder)).toThrow('damaged')
    })
  }
})
