import type { LoadCommand } from '../load/commands.ts'
import { LoadProcess } from '../load/load-process.ts'
import type { Offer, SlotResult } from '../load/slot.ts'
import { pairedRatios, type Spread, spreadOf } from '../measure/statistics.ts'
import type { Goal, Row } from '../report/row.ts'
import { measuredOf, type RunningTarget, type StartOptions, type Target } from '../targets/target.ts'
import type { Timing } from '../timing.ts'

export interface Comparison {
  target: Target
  start?: StartOptions
  /** What its load is told before the first slot. */
  scene(running: RunningTarget): Promise<LoadCommand>
  offer: Offer
}

/** Slots by target, in the order of the comparisons: slot k of all ran next to each other. */
export type ComparedSlots = SlotResult[][]

interface Subject {
  running: RunningTarget
  load: LoadProcess
}

/**
 * Starts every target with a load of its own and lets them take turns: A B A B. Only one is under load at a time,
 * the others are connected and idle.
 */
export async function compare(
  comparisons: readonly Comparison[],
  timing: Timing,
  log: (line: string) => void,
): Promise<ComparedSlots> {
  const subjects: Subject[] = []
  const slots: ComparedSlots = comparisons.map(() => [])
  try {
    for (const comparison of comparisons) {
      const running = await comparison.target.start(comparison.start)
      const subject = { running, load: new LoadProcess() }
      subjects.push(subject)
      await subject.load.tell(await comparison.scene(running))
    }
    for (let pair = 0; pair < timing.pairs; pair++) {
      for (const [index, { target, offer }] of comparisons.entries()) {
        const subject = subjects[index]
        if (!subject) continue
        const warmUpMs = pair === 0 ? timing.warmUpMs : timing.rampMs
        const spec = { offer, warmUpMs, windowMs: timing.windowMs }
        const slot = await subject.load.tell({ do: 'slot', spec, measured: measuredOf(subject.running) })
        slots[index]?.push(slot)
        log(slotLine(target.name, pair + 1, slot))
      }
    }
  } finally {
    for (const { running, load } of subjects) {
      await load.end()
      await running.stop()
    }
  }
  return slots
}

export function slotLine(name: string, pair: number, slot: SlotResult): string {
  const rate = Math.round(slot.messages / slot.seconds)
  const cost = ((slot.cpuSeconds / slot.deliveries) * 1000).toFixed(4)
  const load = Math.round((slot.loadCpuSeconds / slot.seconds) * 100)
  const repeats = slot.repeats > 0 ? `, ${slot.repeats} repeats` : ''
  const wrong = slot.failures.length > 0 ? `  FAILED: ${slot.failures.join('; ')}` : ''
  return `  ${name} #${pair}: ${rate} messages/s, ${cost} CPU-s per 1,000 deliveries, ok p99 ${slot.ok.p99.toFixed(2)} ms, load ${load} %${repeats}${wrong}`
}

/** A figure of the slots that count, of A and B and of A ÷ B pair by pair. */
export function paired(
  a: readonly SlotResult[] | undefined,
  b: readonly SlotResult[],
  figure: (slot: SlotResult) => number,
): { a?: Spread; b?: Spread; ratio?: Spread } {
  const isGood = (slot: SlotResult | undefined) => slot !== undefined && slot.failures.length === 0 && slot.messages > 0
  const ofGood = (slots: readonly SlotResult[]) => {
    const good = slots.filter(isGood).map(figure)
    return good.length > 0 ? spreadOf(good) : undefined
  }
  if (!a) return { b: ofGood(b) }
  const both = a.flatMap((slot, index) => {
    const partner = b[index]
    return partner && isGood(slot) && isGood(partner) ? [{ a: figure(slot), b: figure(partner) }] : []
  })
  const ratio =
    both.length === 0
      ? undefined
      : pairedRatios(
          both.map((pair) => pair.a),
          both.map((pair) => pair.b),
        )
  return { a: ofGood(a), b: ofGood(b), ratio }
}

/** Slots of what is measured, absent when it is not, beside those of what it is measured against. */
export interface SlotPair {
  measured: readonly SlotResult[] | undefined
  against: readonly SlotResult[]
  names: { measured: string; against: string }
}

/** Runs two targets in turns; without a first one the second runs alone. */
export async function compareTwo(
  first: Comparison | undefined,
  second: Comparison,
  timing: Timing,
  log: (line: string) => void,
): Promise<SlotPair> {
  const slots = await compare(first ? [first, second] : [second], timing, log)
  const names = { measured: first?.target.name ?? '', against: second.target.name }
  const against = slots.at(-1) ?? []
  return { measured: first ? slots[0] : undefined, against, names }
}

/** Rows of one work over one pair of targets: a figure of each slot, as medians and as the ratio of the pairs. */
export function rowMaker(work: string, pair: SlotPair) {
  const failures = failuresOf({ [pair.names.measured]: pair.measured, [pair.names.against]: pair.against })
  return (figure: string, unit: string, of: (slot: SlotResult) => number, goal?: Goal): Row => {
    const { a, b, ratio } = paired(pair.measured, pair.against, of)
    return { work, figure, unit, parley: a?.median, limit: b?.median, ratio, goal, failures }
  }
}

/** Reasons of all slots that are no data points. */
export function failuresOf(named: Record<string, readonly SlotResult[] | undefined>): string[] {
  return Object.entries(named).flatMap(([name, slots]) =>
    (slots ?? []).flatMap((slot, index) => slot.failures.map((why) => `${name} slot ${index + 1}: ${why}`)),
  )
}
