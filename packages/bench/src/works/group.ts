import type { Offer, SlotResult } from '../load/slot.ts'
import { limit } from '../targets/limit.ts'
import type { Target } from '../targets/target.ts'
import { type Comparison, compareTwo, rowMaker } from './compare.ts'
import { fullLoad } from './one-to-one.ts'
import type { Setting, Work, WorkReport } from './work.ts'

const groupMembers = 150
const costPerThousand = (slot: SlotResult) => (slot.cpuSeconds / slot.deliveries) * 1000

function groupOf(target: Target, offer: Offer): Comparison {
  return {
    target,
    start: { users: groupMembers },
    offer,
    scene: async (running) => ({ do: 'group', endpoint: running.endpoint, plan: await running.group(groupMembers) }),
  }
}

function groupWork(name: string, title: string, offer: Offer, costAtMost: number, ratioAtMost?: number): Work {
  return {
    name,
    title,
    async run(setting: Setting): Promise<WorkReport> {
      const measured = setting.parley && groupOf(setting.parley, offer)
      const slots = await compareTwo(
        measured,
        groupOf(limit('broadcast', 'broadcast'), offer),
        setting.timing,
        setting.log,
      )
      const row = rowMaker(name, slots)
      return {
        rows: [
          row('cost', 'CPU-s per 1,000 deliveries', costPerThousand, { atMost: costAtMost, ratioAtMost }),
          row('deliveries', '1/s', (slot) => slot.deliveries / slot.seconds),
          row('ok p99', 'ms', (slot) => slot.ok.p99),
          row('end to end p99', 'ms', (slot) => slot.delivery.p99),
        ],
        raw: { slots },
      }
    },
  }
}

export const groupFull = groupWork('W2.full', 'group of 150 at full load', fullLoad, 0.0042)
export const groupRate = groupWork('W2.rate', 'group of 150 at 50 messages a second', { rate: 50 }, 0.0127, 1.5)
