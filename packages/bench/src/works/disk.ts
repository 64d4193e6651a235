import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { LoadProcess } from '../load/load-process.ts'
import { cpuSeconds } from '../measure/process-tree.ts'
import { untilQuiet } from '../measure/quiet.ts'
import type { Row } from '../report/row.ts'
import { limit } from '../targets/limit.ts'
import type { Target } from '../targets/target.ts'
import type { Setting, Work, WorkReport } from './work.ts'

const payloadBytes = 150
/** How long search may index what was stored. */
const settleSeconds = 240
const storedGoal = { atMost: 4 }

interface Stored {
  messages: number
  /** Bytes by table and index, `free` for pages that are none's. */
  tables: Record<string, number>
  folderBytes: number
  /** Of the load and of all the server did behind it. */
  cpuSeconds: number
}

/** Bytes of a data folder after W1, a stop and a checkpoint, minus those of the same folder without messages. */
async function store(setting: Setting, target: Target, messages: number): Promise<Stored> {
  const data = await mkdtemp(join(tmpdir(), 'parley-disk-'))
  const users = setting.quick ? 20 : 200
  let spent = 0
  try {
    const running = await target.start({ data, users })
    const load = new LoadProcess()
    try {
      await load.tell({ do: 'pairs', endpoint: running.endpoint, plan: await running.pairs(users) })
      const before = cpuSeconds(running.pid)
      await load.tell({ do: 'fill', messages })
      await load.tell({ do: 'close' })
      const quiet = await untilQuiet(running.pid, settleSeconds)
      if (!quiet) setting.log(`  ${target.name} still busy after ${settleSeconds} s: search may lack messages`)
      spent = cpuSeconds(running.pid) - before
    } finally {
      await load.end()
      await running.stop()
    }
    return { messages, tables: await tableBytes(data), folderBytes: await folderBytes(data), cpuSeconds: spent }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

/** Opening checkpoints what a stop left in the log. */
async function tableBytes(folder: string): Promise<Record<string, number>> {
  const tables: Record<string, number> = {}
  for (const file of await readdir(folder, { recursive: true })) {
    if (!/\.(db|sqlite)$/.test(file)) continue
    const database = new Database(join(folder, file))
    database.pragma('wal_checkpoint(TRUNCATE)')
    const rows = database.prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name').all()
    for (const { name, bytes } of rows as { name: string; bytes: number }[]) {
      tables[name] = (tables[name] ?? 0) + bytes
    }
    database.close()
  }
  return tables
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0
  for (const file of await readdir(folder, { recursive: true })) bytes += (await stat(join(folder, file))).size
  return bytes
}

function timesPayload(stored: Stored | undefined, counts: (table: string) => boolean): number | undefined {
  if (!stored) return undefined
  const bytes = Object.entries(stored.tables).reduce((sum, [table, size]) => sum + (counts(table) ? size : 0), 0)
  return bytes / stored.messages / payloadBytes
}

/** The full-text index of messages and its shadow tables. */
const isSearch = (table: string) => /^documents?_|^documents$/.test(table)

export const disk: Work = {
  name: 'disk',
  title: 'bytes stored for a message of W1, in payloads of 150 bytes, and what it cost with all that came behind',
  async run(setting): Promise<WorkReport> {
    const messages = setting.quick ? 3000 : 200_000
    const own = setting.parley && (await store(setting, setting.parley, messages))
    const l3 = await store(setting, limit('L3', 'pairs'), messages)
    const row = (figure: string, counts: (table: string) => boolean, goal?: Row['goal']): Row => ({
      work: 'disk',
      figure,
      parley: timesPayload(own, counts),
      limit: timesPayload(l3, counts),
      unit: '× payload',
      goal,
    })
    const cost = (stored: Stored | undefined) => stored && (stored.cpuSeconds / stored.messages) * 1000
    return {
      rows: [
        row('stored, search aside', (table) => !isSearch(table), storedGoal),
        row('stored, with search', () => true),
        {
          work: 'disk',
          // What W1 leaves for later is cost too: here the count stops when the server is quiet again.
          figure: 'cost until all is indexed',
          parley: cost(own),
          limit: cost(l3),
          unit: 'CPU-s per 1,000',
        },
      ],
      raw: { own, l3 },
    }
  },
}
