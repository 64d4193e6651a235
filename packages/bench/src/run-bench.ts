import { writeFile } from 'node:fs/promises'
import { cpus, release } from 'node:os'
import { pinned } from './machine.ts'
import { parseOptions, usage } from './options.ts'
import { type Row, verdictOf } from './report/row.ts'
import { renderTable } from './report/table.ts'
import { parley } from './targets/parley.ts'
import { chooseWorks } from './works/catalogue.ts'
import type { Setting, Work, WorkReport } from './works/work.ts'

/**
 * Runs the chosen works, prints the table and writes the JSON.
 * Returns the exit code: 0 when everything was measured, 1 when a slot or a work failed, 2 for wrong arguments.
 * A goal that is missed is a figure, not a failure.
 */
export async function runBench(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof parseOptions>
  let chosen: Work[]
  try {
    options = parseOptions(args)
    chosen = chooseWorks(options.works)
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`)
    return 2
  }
  if (options.help) {
    console.log(usage)
    return 0
  }
  if (process.platform !== 'linux') {
    console.error('The bench counts CPU in /proc: it needs Linux.')
    return 2
  }
  const { timing, quick, messages, rate, nodes, limitsOnly } = options
  const setting: Setting = {
    parley: limitsOnly ? undefined : parley(),
    timing,
    quick,
    messages,
    rate,
    nodes,
    log: console.error,
  }
  if (!pinned)
    console.error('Server and load share their cores here: two cores and `taskset` are needed for good figures.')
  const rows: Row[] = []
  const raw: Record<string, unknown> = {}
  for (const work of chosen) {
    const missing = options.works.length === 0 ? work.missing?.() : undefined
    if (missing !== undefined) {
      console.error(`${work.name}: left out (${missing})`)
      continue
    }
    console.error(`${work.name}: ${work.title}`)
    const report = await runWork(work, setting)
    rows.push(...report.rows)
    raw[work.name] = report.raw
  }
  console.log(renderTable(rows))
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, kernel: release(), node: process.version, pinned }
  const verdicts = rows.map((row) => ({ ...row, verdict: verdictOf(row) }))
  await writeFile(options.json, `${JSON.stringify({ machine, quick, timing, rows: verdicts, raw }, null, 1)}\n`)
  return verdicts.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

/** A work that cannot run is a failed row: the others still run. */
async function runWork(work: Work, setting: Setting): Promise<WorkReport> {
  try {
    return await work.run(setting)
  } catch (error) {
    const failures = [messageOf(error)]
    return { rows: [{ work: work.name, figure: 'all', unit: '', failures }], raw: { failures } }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
