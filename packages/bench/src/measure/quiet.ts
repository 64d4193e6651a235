import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds } from './process-tree.ts'

const sampleSeconds = 3
/** An indexer that works through a backlog within a budget is above this, timers of an idle server are below. */
const quietShare = 0.01

/**
 * Waits until a server has done what it does behind a load (indexing, receipts, checkpoints): less than 1 % of a core
 * for three seconds. False when it was still busy after `patienceSeconds`.
 */
export async function untilQuiet(pid: number, patienceSeconds: number): Promise<boolean> {
  let before = cpuSeconds(pid)
  for (let waited = 0; waited < patienceSeconds; waited += sampleSeconds) {
    await delay(sampleSeconds * 1000)
    const now = cpuSeconds(pid)
    if (now - before < quietShare * sampleSeconds) return true
    before = now
  }
  return false
}
