import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

export type Environment = Record<string, string | undefined>

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

/** One run of vitest; `json` is where its report goes. */
export function runTests(json: string, args: readonly string[], env: Environment): Counts {
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

/** The last line of a run. @returns the exit code */
export function conclude({ passed, failed, skipped }: Counts): number {
  const tail = skipped > 0 ? `, ${skipped} skipped` : ''
  process.stdout.write(`${passed} passed, ${failed} failed${tail}\n`)
  return failed === 0 ? 0 : 1
}
