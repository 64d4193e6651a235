import { setTimeout as delay } from 'node:timers/promises'
import { LoadProcess } from '../load/load-process.ts'
import { residentBytes } from '../measure/process-tree.ts'
import { median } from '../measure/statistics.ts'
import type { Row } from '../report/row.ts'
import { limit } from '../targets/limit.ts'
import type { Target } from '../targets/target.ts'
import type { Setting, Work, WorkReport } from './work.ts'

const kilobyte = 1024
const overBareAtMost = 4
const atMost = 12

interface IdleFigure {
  connections: number
  kilobytesEach: number
}

/** Resident memory per connection at each count; the first connections only warm the code and count as nothing. */
async function kilobytesPerConnection(
  setting: Setting,
  target: Target,
  counts: readonly number[],
): Promise<IdleFigure[]> {
  const warm = setting.quick ? 20 : 200
  const most = Math.max(...counts)
  const running = await target.start({ users: warm + most })
  const load = new LoadProcess()
  const figures: IdleFigure[] = []
  try {
    await load.tell({ do: 'idle', endpoint: running.endpoint, tokens: running.tokens(warm + most) })
    await load.tell({ do: 'grow', connections: warm })
    const before = await settledMemory(setting, running.pid)
    for (const connections of counts) {
      await load.tell({ do: 'grow', connections: warm + connections })
      const memory = await settledMemory(setting, running.pid)
      await load.tell({ do: 'grow', connections: warm + connections })
      figures.push({ connections, kilobytesEach: (memory - before) / connections / kilobyte })
      setting.log(`  ${target.name}: ${connections} connections, ${figures.at(-1)?.kilobytesEach.toFixed(1)} KB each`)
    }
  } finally {
    await load.end()
    await running.stop()
  }
  return figures
}

/** After a whole round of heartbeats: the median of the seconds that follow. */
async function settledMemory(setting: Setting, pid: number): Promise<number> {
  await delay(setting.quick ? 300 : 32_000)
  const samples: number[] = []
  for (let sample = 0; sample < 5; sample++) {
    await delay(setting.quick ? 20 : 1000)
    samples.push(residentBytes(pid))
  }
  return median(samples)
}

export const idle: Work = {
  name: 'W3',
  title: 'memory of idle connections, a heartbeat each 30 s',
  async run(setting): Promise<WorkReport> {
    const counts = setting.quick ? [200, 400] : [5000, 10_000, 19_000]
    const bare = await kilobytesPerConnection(setting, limit('bare ws', 'idle'), counts)
    const own = setting.parley ? await kilobytesPerConnection(setting, setting.parley, counts) : []
    const rows: Row[] = counts.map((connections, index) => {
      const limitKilobytes = bare[index]?.kilobytesEach ?? Number.NaN
      return {
        work: 'W3',
        figure: `${connections.toLocaleString('en-US')} idle`,
        parley: own[index]?.kilobytesEach,
        limit: limitKilobytes,
        unit: 'KB per connection',
        goal: { atMost: Math.min(atMost, limitKilobytes + overBareAtMost) },
      }
    })
    return { rows, raw: { bare, own } }
  },
}
