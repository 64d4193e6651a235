import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** `npm run check`: types, lint and format, who imports whom, dead code; at once. */
const bin = (name: string): string => join('node_modules', '.bin', name)

const checks: Record<string, [string, string[]]> = {
  types: [bin('tsc'), ['-p', '.']],
  lint: [bin('biome'), ['check', '--error-on-warnings']],
  architecture: [
    bin('vitest'),
    ['run', 'packages/server/src/architecture.test.ts', 'apps/web/tests/architecture.test.ts'],
  ],
  'dead code': [bin('knip'), ['--no-progress']],
}

function run(name: string, [command, args]: [string, string[]]): Promise<boolean> {
  return new Promise((resolve) => {
    const started = performance.now()
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`)
      if (code !== 0) process.stdout.write(output)
      resolve(code === 0)
    })
  })
}

const results = await Promise.all(Object.entries(checks).map(([name, check]) => run(name, check)))
process.exitCode = results.every(Boolean) ? 0 : 1
