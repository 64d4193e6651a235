import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileBytes, MediaLoad, randomFiles } from '../load/media.ts'
import { cpuSeconds, residentBytes } from '../measure/process-tree.ts'
import { pairedRatios, spreadOf } from '../measure/statistics.ts'
import type { Row } from '../report/row.ts'
import { missingNginx, type RunningNginx, startNginx } from '../targets/nginx.ts'
import type { RunningParley } from '../targets/parley.ts'
import type { Setting, Work, WorkReport } from './work.ts'

/** CPU-seconds for a gigabyte. */
interface Costs {
  download: number
  upload: number
}

interface Round {
  parley: Costs & { wholeUpload: number }
  nginx: Costs
}

/** What a server's processes took for a gigabyte while `work` moved so many files. */
async function costOf(pid: number, files: number, work: () => Promise<void>): Promise<number> {
  const before = cpuSeconds(pid)
  await work()
  return ((cpuSeconds(pid) - before) / (files * fileBytes)) * 1e9
}

const seen = 100

async function measure(setting: Setting, parley: RunningParley, nginx: RunningNginx) {
  const load = new MediaLoad(parley.endpoint, parley.users[0]?.token ?? '')
  const [uploads, times] = setting.quick ? [100, 10] : [1500, 50]
  const rounds: Round[] = []
  try {
    const shown = randomFiles(seen)
    const there = await load.announce(shown)
    await load.send(there, shown)
    await load.complete(there)
    const paths = await load.paths(there)
    const plain = shown.map((_, index) => `/file-${index}`)
    for (const [index, bytes] of shown.entries()) await writeFile(join(nginx.folder, `file-${index}`), bytes)
    for (let round = 0; round <= setting.timing.pairs; round++) {
      const files = randomFiles(uploads)
      const bytes = seen * times
      const own = await costOf(parley.pid, bytes, () => load.get(parley.endpoint.port, paths, times))
      const theirs = await costOf(nginx.pid, bytes, () => load.get(nginx.port, plain, times))
      let announced: Awaited<ReturnType<typeof load.announce>> = []
      const before = await costOf(parley.pid, uploads, async () => {
        announced = await load.announce(files)
      })
      const upload = await costOf(parley.pid, uploads, () => load.send(announced, files))
      const after = await costOf(parley.pid, uploads, () => load.complete(announced))
      const put = await costOf(nginx.pid, uploads, () => load.put(nginx.port, files, round))
      setting.log(
        `  #${round}: CPU-s per GB: download ${own.toFixed(2)}, nginx ${theirs.toFixed(2)}; upload ${upload.toFixed(2)}, nginx ${put.toFixed(2)}; three steps ${(before + upload + after).toFixed(2)}`,
      )
      // The first round warms the code.
      if (round === 0) continue
      rounds.push({
        parley: { download: own, upload, wholeUpload: before + upload + after },
        nginx: { download: theirs, upload: put },
      })
    }
  } finally {
    load.close()
  }
  return { rounds, memory: residentBytes(parley.pid) }
}

export const media: Work = {
  name: 'W8',
  title: 'files of 100 KB, up and down, against nginx',
  missing: missingNginx,
  async run(setting): Promise<WorkReport> {
    if (!setting.parley) return { rows: [], raw: {} }
    const parley = await setting.parley.start({ users: 1 })
    const nginx = await startNginx()
    try {
      const { rounds, memory } = await measure(setting, parley, nginx)
      const row = (figure: string, of: (costs: Costs) => number, ratioAtMost: number): Row => {
        const [a, b] = [rounds.map(({ parley }) => of(parley)), rounds.map(({ nginx }) => of(nginx))]
        const ratio = pairedRatios(a, b)
        return {
          work: 'W8',
          figure,
          parley: spreadOf(a).median,
          limit: spreadOf(b).median,
          unit: 'CPU-s/GB',
          ratio,
          goal: { ratioAtMost },
        }
      }
      return {
        rows: [
          // At least half of what `sendfile` does with the same time, and 0.3 of WebDAV.
          row('download by signed URL', ({ download }) => download, 2),
          row('upload, its request alone', ({ upload }) => upload, 1 / 0.3),
          {
            work: 'W8',
            figure: 'upload, all three steps',
            parley: spreadOf(rounds.map(({ parley: { wholeUpload } }) => wholeUpload)).median,
            unit: 'CPU-s/GB',
          },
          { work: 'W8', figure: 'resident after it', parley: memory / 2 ** 20, unit: 'MiB' },
        ],
        raw: { rounds },
      }
    } finally {
      await nginx.stop()
      await parley.stop()
    }
  },
}
