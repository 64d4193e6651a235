import { setTimeout as delay } from 'node:timers/promises'
import { cpuSeconds } from './process-tree.ts'

const sampleSeconds = 1
const quietShare = 0.03
const quietSamples = 2

/**
 * Waits until a server has done what it does behind a load (indexing, receipts, checkpoints): less than 3 % of a core
 * for two seconds. False when it was still busy after `patienceSeconds`.
 */
export async function untilQuiet(pid: number, patienceSeconds: number): Promise<boolean> {
  let quiet = 0
  let before = cpuSeconds(pid)
  for (let waited = 0; waited < patienceSeconds; waited += sampleSeconds) {
    await delay(sampleSeconds * 1000)
    const now = cpuSeconds(pid)
    quiet = now - before < quietShare * sampleSeconds ? quiet + 1 : 0
    before = now
    if (quiet === quietSamples) return true
  }
  return false
}
