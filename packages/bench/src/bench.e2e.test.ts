import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Row, Verdict } from './report/row.ts'
import { runBench } from './run-bench.ts'
import { works } from './works/catalogue.ts'

/** Shows that every bench works, in seconds; its figures mean nothing. */
const folder = mkdtempSync(join(tmpdir(), 'parley-bench-smoke-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function smoke(name: string, ...options: string[]): Promise<(Row & { verdict: Verdict })[]> {
  const json = join(folder, `${name}.json`)
  const code = await runBench([name, '--quick', '--json', json, ...options])
  const { rows } = JSON.parse(readFileSync(json, 'utf8'))
  expect(rows.flatMap((row: Row) => row.failures ?? [])).toEqual([])
  expect(code).toBe(0)
  expect(rows).not.toHaveLength(0)
  return rows
}

/** Figures of limits, and of what engines did, which may be nothing in so short a time. */
const mayBeNothing = /^L\d| beside |reads |of a heartbeat/
/** Works that have a limit to stand beside; the others measure Parley alone. */
const withLimit = ['W1.full', 'W1.rate', 'W1.fsync', 'W2.full', 'W2.rate', 'W3', 'disk']

describe.runIf(process.platform === 'linux')('npm run bench -- --quick', () => {
  it.for(withLimit)('%s measures its limit', { timeout: 60_000 }, async (name) => {
    const rows = await smoke(name, '--limits-only')
    for (const row of rows) expect(row.limit, row.figure).toBeGreaterThan(0)
  })

  const here = works.filter((work) => work.missing?.() === undefined)
  it.for(here.map((work) => work.name))('%s measures Parley', { timeout: 120_000 }, async (name) => {
    const rows = await smoke(name)
    for (const row of rows) {
      expect(row.verdict, row.figure).not.toBe('unmeasured')
      if (mayBeNothing.test(row.figure)) continue
      expect(row.parley, row.figure).toBeGreaterThan(0)
    }
  })

  it('ends with 2 and says how to use it when arguments are wrong', async () => {
    expect(await runBench(['W99'])).toBe(2)
    expect(await runBench(['--pairs', '-1'])).toBe(2)
  })
})
