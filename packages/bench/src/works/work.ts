import type { Row } from '../report/row.ts'
import type { RunningParley } from '../targets/parley.ts'
import type { Target } from '../targets/target.ts'
import type { Timing } from '../timing.ts'

/** A work of performance.md, or a part of one: `W1.full` is chosen by its own name and by `W1`. */
export interface Work {
  name: string
  title: string
  /** Why it cannot be measured here; undefined: it can. */
  missing?(): string | undefined
  run(setting: Setting): Promise<WorkReport>
}

/** What a run of the bench fixes for all its works. */
export interface Setting {
  /** Absent when only the limits are measured. */
  parley: Target<RunningParley> | undefined
  timing: Timing
  /** Small numbers of users and messages, to show that a bench works. */
  quick: boolean
  /** Messages stored before history is read; by default a million, few when quick. */
  messages: number | undefined
  /** Messages a second in W9; undefined: as usual. */
  rate: number | undefined
  /** On how many nodes W9 is measured; undefined: as usual. */
  nodes: readonly number[] | undefined
  log(line: string): void
}

export interface WorkReport {
  rows: Row[]
  /** Everything that was measured, for the JSON. */
  raw: Record<string, unknown>
}
