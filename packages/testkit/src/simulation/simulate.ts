import { createHash } from 'node:crypto'
import { checkHistory } from '../history/check-history.ts'
import type { HistoryRecord, Violation } from '../history/record.ts'
import { calmDown, lookAtTheEnd } from './judge.ts'
import { live } from './script.ts'
import { type Bug, type Shape, World } from './world.ts'

export interface Outcome {
  /** Of everything that happened, in its order. */
  hash: string
  violations: Violation[]
  /** What nodes logged as errors, and why the end was not reached. */
  complaints: string[]
  records: HistoryRecord[]
}

/** One run from a seed. The same seed gives the same run. `keeping`: people star, pin and clear, too. */
export async function simulate(seed: number, bug: Bug = {}, nodes = 1, keeping = false): Promise<Outcome> {
  const shape = shapeOf(seed, nodes)
  const world = new World(seed, shape, bug)
  const { history, complaints } = world
  let violations: Violation[] = []
  try {
    await world.begin(shape)
    await live(world, keeping)
    if (!(await calmDown(world))) complaints.push('an outbox stays full, or a device away')
    await lookAtTheEnd(world)
    violations = checkHistory(history.records)
  } catch (error) {
    complaints.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const hash = createHash('sha256')
    .update(JSON.stringify([history.records, world.time.elapsed]))
    .digest('hex')
  return { hash, violations, complaints, records: history.records }
}

function shapeOf(seed: number, nodes: number): Shape {
  return { users: 2 + (seed % 3), devicesPerUser: 1 + (Math.floor(seed / 3) % 3), nodes }
}
