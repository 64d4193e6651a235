import { setTimeout as delay } from 'node:timers/promises'
import { LoadProcess } from '../load/load-process.ts'
import { cpuSeconds } from '../measure/process-tree.ts'
import { spreadOf } from '../measure/statistics.ts'
import type { Setting, Work, WorkReport } from './work.ts'

/** ms between two heartbeats of a connection: often, so that they are what is measured. */
const period = 1000

/** What a heartbeat costs a node; at the size of the design they are most of what it hears. */
export const heartbeats: Work = {
  name: 'W3.beat',
  title: 'heartbeats of idle connections, one a second each',
  async run(setting: Setting): Promise<WorkReport> {
    const { parley, quick, timing } = setting
    if (!parley) return { rows: [], raw: {} }
    const connections = quick ? 50 : 1000
    const running = await parley.start({ users: connections })
    const load = new LoadProcess()
    const costs: number[] = []
    try {
      await load.tell({
        do: 'idle',
        endpoint: running.endpoint,
        tokens: running.tokens(connections),
        heartbeat: period,
      })
      await load.tell({ do: 'grow', connections })
      await delay(timing.warmUpMs)
      for (let slot = 0; slot < timing.pairs; slot++) {
        const [before, began] = [cpuSeconds(running.pid), performance.now()]
        await delay(timing.windowMs)
        const beats = (connections * (performance.now() - began)) / period
        costs.push(((cpuSeconds(running.pid) - before) / beats) * 1000)
        setting.log(`  slot ${slot + 1}: ${costs.at(-1)?.toFixed(4)} CPU-s per 1,000`)
      }
      // Rejects when a connection was lost meanwhile.
      await load.tell({ do: 'grow', connections })
    } finally {
      await load.end()
      await running.stop()
    }
    const row = {
      work: 'W3.beat',
      figure: 'cost of a heartbeat',
      parley: spreadOf(costs).median,
      unit: 'CPU-s per 1,000',
    }
    return { rows: [row], raw: { connections, period, costs } }
  },
}
