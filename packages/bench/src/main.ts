import { runBench } from './run-bench.ts'

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await runBench(process.argv.slice(2))
