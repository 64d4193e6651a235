import { type Goal, type Row, verdictOf } from './row.ts'

const heads = ['work', 'figure', 'Parley', 'limit', 'unit', 'ratio (spread)', 'goal', '']

/** The rows as an aligned Markdown table, with the reasons of failures below. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [heads, ...rows.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const [head = heads, ...body] = cells
  const reasons = rows.flatMap((row) => (row.failures ?? []).map((why) => `${row.work} ${row.figure}: ${why}`))
  return [line(head), rule, ...body.map(line), ...reasons].join('\n')
}

function cellsOf(row: Row): string[] {
  const { ratio } = row
  return [
    row.work,
    row.figure,
    numberText(row.parley),
    numberText(row.limit),
    row.unit,
    ratio ? `${numberText(ratio.median)} (${numberText(ratio.min)}–${numberText(ratio.max)}, ${ratio.count})` : '',
    goalText(row.goal),
    verdictOf(row),
  ]
}

function goalText(goal: Goal | undefined): string {
  if (!goal) return ''
  const parts: string[] = []
  if (goal.atMost !== undefined) parts.push(`≤ ${numberText(goal.atMost)}`)
  if (goal.atLeast !== undefined) parts.push(`≥ ${numberText(goal.atLeast)}`)
  if (goal.ratioAtMost !== undefined) parts.push(`≤ ${numberText(goal.ratioAtMost)} × limit`)
  if (goal.ratioAtLeast !== undefined) parts.push(`≥ ${numberText(goal.ratioAtLeast)} × limit`)
  return parts.join(', ')
}

/** Three significant digits; whole numbers above a thousand, with separators. */
export function numberText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return ''
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
