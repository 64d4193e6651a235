import { readConfig, runNode } from './index.ts'

/** A node from environment alone; `parley start` adds flags and words. */
const { settings, warnings } = readConfig({ flags: {}, env: process.env })
for (const warning of warnings) process.stderr.write(`${warning}\n`)
const node = await runNode(settings)
process.stdout.write(`${node.url}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void node.close().then(() => process.exit(0)))
}
