import { LoadProcess } from '../load/load-process.ts'
import type { SlotResult } from '../load/slot.ts'
import { pairedRatios, spreadOf } from '../measure/statistics.ts'
import type { Row } from '../report/row.ts'
import { cluster, type RunningCluster } from '../targets/cluster.ts'
import { loadEngines, missingEngines } from '../targets/engines.ts'
import { measuredOf } from '../targets/target.ts'
import { slotLine } from './compare.ts'
import { count, isOfQueueReader, isRead, readStatements, type Statements, since } from './statements.ts'
import type { Setting, Work, WorkReport } from './work.ts'

/** What a message may cost when so many nodes share the same work, against the fewest. */
const goals: Readonly<Record<number, number>> = { 2: 1.25, 4: 1.45 }
const usualSizes = [1, 2, 4]
const usualRate = 200

interface Slot extends SlotResult {
  /** Of the whole slot, warm-up and drain included. */
  statements: Statements
  slotSeconds: number
}

interface Subject {
  running: RunningCluster
  load: LoadProcess
  slots: Slot[]
}

async function open(nodes: number, users: number): Promise<Subject> {
  const running = await cluster(nodes).start({ users })
  const load = new LoadProcess()
  try {
    await load.tell({ do: 'pairs', endpoint: running.endpoint, plan: await running.pairs(users) })
  } catch (error) {
    await load.end()
    await running.stop()
    throw error
  }
  return { running, load, slots: [] }
}

async function runSlot({ running, load }: Subject, setting: Setting, rate: number, first: boolean): Promise<Slot> {
  const { warmUpMs, rampMs, windowMs } = setting.timing
  const before = await readStatements(running.endpoints)
  const began = performance.now()
  const spec = { offer: { rate }, warmUpMs: first ? warmUpMs : rampMs, windowMs }
  const slot = await load.tell({ do: 'slot', spec, measured: measuredOf(running) })
  const statements = since(before, await readStatements(running.endpoints))
  return { ...slot, statements, slotSeconds: (performance.now() - began) / 1000 }
}

const costOf = (slot: SlotResult): number => (slot.cpuSeconds / slot.messages) * 1000
const engineCostOf = (slot: SlotResult): number =>
  (Object.values(slot.engineSeconds).reduce((sum, cpu) => sum + cpu, 0) / slot.messages) * 1000
const otherReads = ({ statements, sent }: Slot): number =>
  count(statements, (name) => isRead(name) && !isOfQueueReader(name)) / sent

function rowsOf(
  nodes: number,
  own: readonly Slot[],
  alone: readonly Slot[],
  users: number,
  ratioAtMost?: number,
): Row[] {
  const work = 'W9'
  const on = nodes === 1 ? '1 node' : `${nodes} nodes`
  const failures = own.flatMap((slot, index) => slot.failures.map((why) => `${on}, slot ${index + 1}: ${why}`))
  const median = (of: (slot: Slot) => number) => spreadOf(own.map(of)).median
  const cost: Row = { work, figure: `cost on ${on}`, parley: median(costOf), unit: 'CPU-s per 1,000', failures }
  if (ratioAtMost !== undefined) {
    cost.limit = spreadOf(alone.map(costOf)).median
    cost.ratio = pairedRatios(own.map(costOf), alone.map(costOf))
    cost.goal = { ratioAtMost }
  }
  const engines = Object.keys(own[0]?.engineSeconds ?? {})
  return [
    cost,
    { work, figure: `engines beside ${on}`, parley: median(engineCostOf), unit: 'CPU-s per 1,000' },
    ...engines.map((name) => ({
      work,
      figure: `${name} beside ${on}`,
      parley: median((slot) => ((slot.engineSeconds[name] ?? 0) / slot.messages) * 1000),
      unit: 'CPU-s per 1,000',
    })),
    { work, figure: `ok p99 on ${on}`, parley: median(({ ok }) => ok.p99), unit: 'ms' },
    { work, figure: `end to end p99 on ${on}`, parley: median(({ delivery }) => delivery.p99), unit: 'ms' },
    {
      work,
      figure: `engine reads on ${on}, without the queue readers'`,
      parley: median(otherReads),
      unit: 'per message',
    },
    {
      work,
      figure: `reads of queue readers on ${on}`,
      parley: median(({ statements, slotSeconds }) => count(statements, isOfQueueReader) / slotSeconds / users),
      unit: 'per session and second',
    },
  ]
}

export const manyNodes: Work = {
  name: 'W9',
  title: 'one-to-one at a fixed rate over 1, 2 and 4 nodes on the engines of a cluster',
  missing: missingEngines,
  async run(setting): Promise<WorkReport> {
    const missing = missingEngines()
    if (missing !== undefined) throw new Error(missing)
    const { commitlogSync } = await loadEngines()
    const users = setting.quick ? 20 : 200
    const rate = setting.rate ?? (setting.quick ? 40 : usualRate)
    setting.log(`  ${rate} messages a second, commitlog_sync ${commitlogSync}`)
    // A smoke shows that it works on several nodes; four of them are many for a machine that does other things, too.
    const chosen = setting.nodes ?? (setting.quick ? usualSizes.slice(0, 2) : usualSizes)
    const subjects: Subject[] = []
    try {
      for (const nodes of chosen) subjects.push(await open(nodes, users))
      for (let pair = 0; pair < setting.timing.pairs; pair++) {
        for (const subject of subjects) {
          const slot = await runSlot(subject, setting, rate, pair === 0)
          subject.slots.push(slot)
          setting.log(slotLine(subject.running.name, pair + 1, slot))
        }
      }
    } finally {
      for (const { load, running } of subjects) {
        await load.end()
        await running.stop()
      }
    }
    const [alone = []] = subjects.map(({ slots }) => slots)
    const rows = chosen.flatMap((nodes, index) =>
      rowsOf(nodes, subjects[index]?.slots ?? [], alone, users, index > 0 ? goals[nodes] : undefined),
    )
    const raw = subjects.map(({ running, slots }) => ({
      name: running.name,
      slots: slots.map((slot) => ({ ...slot, statements: Object.fromEntries(slot.statements) })),
    }))
    return { rows, raw: { rate, commitlogSync, clusters: raw } }
  },
}
