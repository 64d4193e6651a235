import type { Offer, SlotResult } from '../load/slot.ts'
import type { Goal, Row } from '../report/row.ts'
import { limit } from '../targets/limit.ts'
import type { StartOptions, Target } from '../targets/target.ts'
import { type Comparison, compare, failuresOf, paired } from './compare.ts'
import { storeAlone } from './store-alone.ts'
import type { Setting, Work, WorkReport } from './work.ts'

/** 8 outstanding per sender: what full load means everywhere. */
export const fullLoad: Offer = { outstanding: 8 }
const steadyLoad: Offer = { rate: 1000 }

export const costPerThousand = (slot: SlotResult) => (slot.cpuSeconds / slot.messages) * 1000
export const ratePerSecond = (slot: SlotResult) => slot.messages / slot.seconds
const perCpuSecond = (slot: SlotResult) => slot.messages / slot.cpuSeconds
const okP99 = (slot: SlotResult) => slot.ok.p99
const deliveryP99 = (slot: SlotResult) => slot.delivery.p99

export function pairsUsers(setting: Setting): number {
  return setting.quick ? 20 : 200
}

export function pairsComparison(target: Target, offer: Offer, users: number, start?: StartOptions): Comparison {
  return {
    target,
    start,
    offer,
    scene: async (running) => ({ do: 'pairs', endpoint: running.endpoint, plan: await running.pairs(users) }),
  }
}

interface PairSlots {
  parley: SlotResult[] | undefined
  l3: SlotResult[]
}

/** Parley and L3 in turns, the same load for both. */
export async function pairsAgainstL3(setting: Setting, offer: Offer, start?: StartOptions): Promise<PairSlots> {
  const targets = [...(setting.parley ? [setting.parley] : []), limit('L3', 'pairs')]
  const users = pairsUsers(setting)
  const comparisons = targets.map((target) => pairsComparison(target, offer, users, start))
  const slots = await compare(comparisons, setting.timing, setting.log)
  return setting.parley ? { parley: slots[0], l3: slots[1] ?? [] } : { parley: undefined, l3: slots[0] ?? [] }
}

export function rowOf(
  slots: PairSlots,
  line: { work: string; figure: string; unit: string; goal?: Goal },
  figure: (slot: SlotResult) => number,
): Row {
  const { a, b, ratio } = paired(slots.parley, slots.l3, figure)
  const failures = failuresOf({ Parley: slots.parley, L3: slots.l3 })
  return { ...line, parley: a?.median, limit: b?.median, ratio, failures }
}

async function references(setting: Setting, offer: Offer): Promise<{ rows: Row[]; raw: Record<string, unknown> }> {
  const work = 'outstanding' in offer ? 'W1.full' : 'W1.rate'
  const once = { ...setting.timing, pairs: 1 }
  const [echo = []] = await compare(
    [pairsComparison(limit('L1', 'echo'), offer, pairsUsers(setting))],
    once,
    setting.log,
  )
  const store = await storeAlone(offer, setting.timing)
  const unit = 'CPU-s per 1,000'
  return {
    rows: [
      { work, figure: 'L1 echo', limit: paired(undefined, echo, costPerThousand).b?.median, unit },
      { work, figure: 'L2 rows alone', limit: store.costPerThousand, unit },
    ],
    raw: { echo, store },
  }
}

export const oneToOneFull: Work = {
  name: 'W1.full',
  title: 'one-to-one at full load, 8 outstanding per sender',
  async run(setting): Promise<WorkReport> {
    const reference = await references(setting, fullLoad)
    const slots = await pairsAgainstL3(setting, fullLoad)
    const row = (figure: string, unit: string, of: (slot: SlotResult) => number, goal?: Goal) =>
      rowOf(slots, { work: 'W1.full', figure, unit, goal }, of)
    return {
      rows: [
        row('cost', 'CPU-s per 1,000', costPerThousand, { atMost: 0.04, ratioAtMost: 1.6 }),
        row('messages per CPU-s', '1/s', perCpuSecond, { atLeast: 25_000 }),
        row('rate', '1/s', ratePerSecond, { atLeast: 20_000 }),
        row('ok p99', 'ms', okP99),
        row('written', 'bytes per message', (slot) => slot.writtenBytes / slot.messages),
        ...reference.rows,
      ],
      raw: { ...slots, ...reference.raw },
    }
  },
}

export const oneToOneRate: Work = {
  name: 'W1.rate',
  title: 'one-to-one at 1,000 messages a second',
  async run(setting): Promise<WorkReport> {
    const reference = await references(setting, steadyLoad)
    const slots = await pairsAgainstL3(setting, steadyLoad)
    const row = (figure: string, unit: string, of: (slot: SlotResult) => number, goal?: Goal) =>
      rowOf(slots, { work: 'W1.rate', figure, unit, goal }, of)
    return {
      rows: [
        row('cost', 'CPU-s per 1,000', costPerThousand, { atMost: 0.2, ratioAtMost: 1.1 }),
        row('ok p50', 'ms', (slot) => slot.ok.p50),
        row('ok p99', 'ms', okP99, { atMost: 6 }),
        row('end to end p99', 'ms', deliveryP99, { atMost: 8 }),
        row('written', 'bytes per message', (slot) => slot.writtenBytes / slot.messages),
        ...reference.rows,
      ],
      raw: { ...slots, ...reference.raw },
    }
  },
}
