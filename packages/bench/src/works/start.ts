import { spreadOf } from '../measure/statistics.ts'
import type { Work, WorkReport } from './work.ts'

export const start: Work = {
  name: 'start',
  title: 'from exec to /readyz 200 on an empty folder (W6 starts on a full one)',
  async run(setting): Promise<WorkReport> {
    const times: number[] = []
    if (setting.parley) {
      for (let count = 0; count < setting.timing.pairs; count++) {
        const running = await setting.parley.start({ users: 0 })
        times.push(running.startMs)
        await running.stop()
      }
    }
    const parley = times.length > 0 ? spreadOf(times).median : undefined
    return { rows: [{ work: 'start', figure: 'empty', parley, unit: 'ms', goal: { atMost: 1000 } }], raw: { times } }
  },
}
