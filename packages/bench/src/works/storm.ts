import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LoadProcess } from '../load/load-process.ts'
import type { StormResult } from '../load/storm.ts'
import type { Row } from '../report/row.ts'
import type { RunningParley } from '../targets/parley.ts'
import type { Target } from '../targets/target.ts'
import type { Work, WorkReport } from './work.ts'

const heldMessages = 5

async function killAndRestart(parley: Target<RunningParley>, sessions: number): Promise<StormResult> {
  const data = await mkdtemp(join(tmpdir(), 'parley-storm-'))
  let running: RunningParley | undefined
  let load: LoadProcess | undefined
  try {
    running = await parley.start({ data, users: sessions })
    load = new LoadProcess()
    const { endpoint } = running
    await load.tell({ do: 'storm', endpoint, plan: await running.pairs(sessions), held: heldMessages })
    const killedAt = Date.now()
    const back = load.tell({ do: 'recover', killedAt })
    // When the restart fails nobody waits for it any more.
    back.catch(() => undefined)
    await running.kill()
    running = await parley.start({ data, users: 0, port: endpoint.port })
    return await back
  } finally {
    await load?.end()
    await running?.stop()
    await rm(data, { recursive: true, force: true })
  }
}

export const storm: Work = {
  name: 'W4',
  title: 'kill -9 with sessions that hold 5 undelivered messages each, restart, until all hold them again',
  async run(setting): Promise<WorkReport> {
    const sessions = setting.quick ? 200 : 10_000
    const result = setting.parley && (await killAndRestart(setting.parley, sessions))
    const row = (figure: string, seconds: number | undefined, goal: number): Row => ({
      work: 'W4',
      figure: `${figure} of ${sessions.toLocaleString('en-US')} back`,
      parley: seconds,
      unit: 's',
      goal: { atMost: goal },
      failures: result?.failures,
    })
    const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000)
    return {
      rows: [row('95 %', seconds(result?.back.p95), 6), row('all', seconds(result?.back.max), 15)],
      raw: { result },
    }
  },
}
