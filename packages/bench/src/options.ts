import { parseArgs } from 'node:util'
import { fullTiming, quickTiming, type Timing } from './timing.ts'

export interface BenchOptions {
  /** Names of works; empty is all. */
  works: string[]
  timing: Timing
  quick: boolean
  limitsOnly: boolean
  /** Messages stored before history is read. */
  messages: number | undefined
  /** Messages a second in W9. */
  rate: number | undefined
  /** How many nodes W9 is measured on. */
  nodes: number[] | undefined
  /** Where the JSON goes. */
  json: string
  help: boolean
}

export const usage = `Usage: npm run bench -- [work …] [options]
  work            W1, W1.rate, W2, … (all when none is named)
  --pairs N       slots of each server, taken in turns
  --window S      seconds of a slot
  --warm-up S     seconds of load before the first slot
  --quick         short slots and small numbers: shows that it works, measures nothing
  --limits-only   without Parley
  --messages N    stored before W6 reads history (1,000,000)
  --rate N        messages a second in W9 (200)
  --nodes N,…     on how many nodes W9 is measured (1,2,4)
  --json FILE     where the figures go (bench.json)`

/** @throws Error with a line for the user when an option is unknown or no number. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pairs: { type: 'string' },
      window: { type: 'string' },
      'warm-up': { type: 'string' },
      quick: { type: 'boolean', default: false },
      'limits-only': { type: 'boolean', default: false },
      messages: { type: 'string' },
      rate: { type: 'string' },
      nodes: { type: 'string' },
      json: { type: 'string', default: 'bench.json' },
      help: { type: 'boolean', default: false },
    },
  })
  const base = values.quick ? quickTiming : fullTiming
  return {
    works: positionals,
    timing: {
      ...base,
      pairs: positive('pairs', values.pairs) ?? base.pairs,
      windowMs: seconds('window', values.window) ?? base.windowMs,
      warmUpMs: seconds('warm-up', values['warm-up']) ?? base.warmUpMs,
    },
    quick: values.quick,
    limitsOnly: values['limits-only'],
    messages: positive('messages', values.messages),
    rate: positive('rate', values.rate),
    nodes: values.nodes?.split(',').map((count) => positive('nodes', count) ?? 1),
    json: values.json,
    help: values.help,
  }
}

function seconds(name: string, text: string | undefined): number | undefined {
  const value = positive(name, text)
  return value === undefined ? undefined : value * 1000
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} needs a number above 0, not "${text}"`)
  return value
}
