import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineNames } from '../engines/engine.ts'
import { environmentOf } from '../engines/operate.ts'

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

interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  numFailedTestSuites: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

type Environment = Record<string, string | undefined>

function runTests(
  json: string,
  args: readonly string[],
  env: Environment,
): { passed: number; failed: number; skipped: number } {
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${json}`,
  ]
  const run = spawnSync(process.execPath, [...vitest, ...args], { stdio: 'inherit', env })
  if (!existsSync(json)) return { passed: 0, failed: 1, skipped: 0 }
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report
  // A file that could not be loaded, or an error outside any test, has no failed test of its own.
  const silent = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  const failed = report.numFailedTests + silent.length
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status !== 'passed' && test.status !== 'failed') process.stdout.write(`Skipped: ${test.fullName}\n`)
    }
  }
  return {
    passed: report.numPassedTests,
    failed: run.status !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

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
  const tail = skipped > 0 ? `, ${skipped} skipped` : ''
  process.stdout.write(`${passed} passed, ${failed} failed${tail}\n`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main()
