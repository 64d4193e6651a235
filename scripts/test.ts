import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineNames } from '../engines/engine.ts'
import { environmentOf } from '../engines/operate.ts'
import { conclude, type Environment, runTests } from './run-tests.ts'

/**
 * `npm test`: the checks, then every test that this machine allows. What a test needs stands in its suffix; what is
 * missing is told with the reason. Tests of real engines find those that `npm run engines` has brought up. With
 * CI=true something missing is a failure. The last line counts.
 */
interface Need {
  suffix: string
  missing: () => string | undefined
}

const needs: Need[] = [
  {
    suffix: '.browser.test.ts',
    missing: () => (existsSync('/usr/bin/chromium') ? undefined : 'Chromium is not at /usr/bin/chromium'),
  },
]

/** What is set already goes before what runs here. */
async function findEngines(): Promise<Environment> {
  const found = await environmentOf(engineNames)
  const names = Object.keys(found)
  process.stdout.write(`Engines that run here: ${names.join(', ') || 'none (npm run engines -- up)'}\n`)
  return { ...found, ...process.env }
}

async function main(): Promise<number> {
  const inCi = process.env.CI === 'true'
  const extra = process.argv.slice(2)
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'))
  let passed = 0
  let failed = 0
  let skipped = 0
  try {
    if (extra.length === 0) {
      const checked = spawnSync(process.execPath, ['scripts/check.ts'], { stdio: 'inherit' })
      if (checked.status === 0) passed++
      else failed++
    }
    const env = await findEngines()
    const excluded: string[] = []
    for (const { suffix, missing } of needs) {
      const reason = missing()
      if (reason === undefined) continue
      excluded.push('--exclude', `**/*${suffix}`)
      process.stdout.write(`Skipped: tests in *${suffix}: ${reason}.\n`)
      if (inCi) failed++
      else skipped++
    }
    // Some tests change what others stand on, or need the machine to themselves: they come afterwards, one by one.
    const alone = '**/*.alone.test.ts'
    const groups =
      extra.length > 0
        ? [extra]
        : [
            ['--exclude', alone],
            ['alone.test.ts', '--maxWorkers=1'],
          ]
    for (const [index, group] of groups.entries()) {
      const result = runTests(join(folder, `report-${index}.json`), [...excluded, ...group], env)
      passed += result.passed
      failed += result.failed
      if (inCi) failed += result.skipped
      else skipped += result.skipped
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return conclude({ passed, failed, skipped })
}

process.exitCode = await main()
