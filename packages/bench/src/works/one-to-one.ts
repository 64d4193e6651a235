import type { Offer, SlotResult } from '../load/slot.ts'
import type { Row } from '../report/row.ts'
import { limit } from '../targets/limit.ts'
import type { StartOptions, Target } from '../targets/target.ts'
import { type Comparison, compare, compareTwo, paired, rowMaker, type SlotPair } from './compare.ts'
import { storeAlone } from './store-alone.ts'
import type { Setting, Work, WorkReport } from './work.ts'

/** 8 outstanding per sender: what full load means everywhere. */
export const fullLoad: Offer = { outstanding: 8 }
const steadyRate = 1000
const steadyLoad: Offer = { rate: steadyRate }
const slowFlushMs = 5

const costPerThousand = (slot: SlotResult) => (slot.cpuSeconds / slot.messages) * 1000
const ratePerSecond = (slot: SlotResult) => slot.messages / slot.seconds
const okP99 = (slot: SlotResult) => slot.ok.p99
const deliveryP99 = (slot: SlotResult) => slot.delivery.p99
const writtenPerMessage = (slot: SlotResult) => slot.writtenBytes / slot.messages

function pairsOf(setting: Setting, target: Target, offer: Offer, start?: StartOptions): Comparison {
  const users = setting.quick ? 20 : 200
  return {
    target,
    start: { ...start, users },
    offer,
    scene: async (running) => ({ do: 'pairs', endpoint: running.endpoint, plan: await running.pairs(users) }),
  }
}

function againstL3(setting: Setting, offer: Offer, start?: StartOptions): Promise<SlotPair> {
  const measured = setting.parley && pairsOf(setting, setting.parley, offer, start)
  const l3 = pairsOf(setting, limit('L3', 'pairs'), offer, start)
  return compareTwo(measured, l3, setting.timing, setting.log)
}

/** L1 and L2 once: they say what the sockets alone and the rows alone cost. */
async function references(setting: Setting, work: string, offer: Offer) {
  const once = { ...setting.timing, pairs: 1 }
  const [echo = []] = await compare([pairsOf(setting, limit('L1', 'echo'), offer)], once, setting.log)
  const store = await storeAlone(offer, setting.timing)
  const unit = 'CPU-s per 1,000'
  const rows: Row[] = [
    { work, figure: 'L1 echo', limit: paired(undefined, echo, costPerThousand).b?.median, unit },
    { work, figure: 'L2 rows alone', limit: store.costPerThousand, unit },
  ]
  return { rows, raw: { echo, store } }
}

export const oneToOneFull: Work = {
  name: 'W1.full',
  title: 'one-to-one at full load, 8 outstanding per sender',
  async run(setting): Promise<WorkReport> {
    const reference = await references(setting, 'W1.full', fullLoad)
    const slots = await againstL3(setting, fullLoad)
    const row = rowMaker('W1.full', slots)
    return {
      rows: [
        row('cost', 'CPU-s per 1,000', costPerThousand, { atMost: 0.04, ratioAtMost: 1.6 }),
        row('messages per CPU-s', '1/s', (slot) => slot.messages / slot.cpuSeconds, { atLeast: 25_000 }),
        row('rate', '1/s', ratePerSecond, { atLeast: 20_000 }),
        row('ok p99', 'ms', okP99),
        row('written', 'bytes per message', writtenPerMessage, { ratioAtMost: 1.5 }),
        ...reference.rows,
      ],
      raw: { slots, ...reference.raw },
    }
  },
}

export const oneToOneRate: Work = {
  name: 'W1.rate',
  title: 'one-to-one at 1,000 messages a second',
  async run(setting): Promise<WorkReport> {
    const reference = await references(setting, 'W1.rate', steadyLoad)
    const slots = await againstL3(setting, steadyLoad)
    const row = rowMaker('W1.rate', slots)
    return {
      rows: [
        row('cost', 'CPU-s per 1,000', costPerThousand, { ratioAtMost: 1.1 }),
        row('ok p50', 'ms', (slot) => slot.ok.p50),
        row('ok p99', 'ms', okP99, { atMost: 6 }),
        row('end to end p99', 'ms', deliveryP99, { atMost: 8 }),
        row('written', 'bytes per message', writtenPerMessage, { ratioAtMost: 1.5 }),
        ...reference.rows,
      ],
      raw: { slots, ...reference.raw },
    }
  },
}

interface Shim {
  slowFsyncEnv(how: { ms: number }): Record<string, string>
}

/** The shim that slows flushes is built from the repository's `engines/`. */
async function loadShim(): Promise<Shim> {
  const shim = new URL('../../../../engines/slow-fsync/build.ts', import.meta.url)
  try {
    return (await import(shim.href)) as Shim
  } catch (error) {
    throw new Error('W1.fsync needs the repository of Parley and a C compiler.', { cause: error })
  }
}

export const oneToOneSlowDisk: Work = {
  name: 'W1.fsync',
  title: `one-to-one with fsync slowed to ${slowFlushMs} ms, against the same server on the disk as it is`,
  async run(setting): Promise<WorkReport> {
    const { slowFsyncEnv } = await loadShim()
    const slow: StartOptions = { env: slowFsyncEnv({ ms: slowFlushMs }) }
    const server = setting.parley ?? limit('L3', 'pairs')
    const slowed: Target = {
      name: `${server.name}, slow disk`,
      start: (options) => server.start({ ...options, ...slow }),
    }
    const log = setting.log
    const full = await compareTwo(
      pairsOf(setting, slowed, fullLoad),
      pairsOf(setting, server, fullLoad),
      setting.timing,
      log,
    )
    const steady = await againstL3(setting, steadyLoad, slow)
    const fullRow = rowMaker('W1.fsync', full)
    const steadyRow = rowMaker('W1.fsync', steady)
    const rate = fullRow('rate at full load', '1/s', ratePerSecond, { ratioAtLeast: 0.8 })
    return {
      rows: [
        // Without Parley this says what slow flushes cost L3.
        setting.parley ? rate : { ...rate, figure: 'rate of L3 at full load', parley: undefined, goal: undefined },
        steadyRow('rate at 1,000/s', '1/s', ratePerSecond, { atLeast: steadyRate * 0.8 }),
        steadyRow('ok p99 at 1,000/s', 'ms', okP99, { atMost: 20 }),
      ],
      raw: { full, steady },
    }
  },
}
