import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StoreAloneResult, StoreAloneSpec } from '../limits/store-alone.ts'
import type { Offer } from '../load/slot.ts'
import { endProcess, nextMessage, serverCore, startNode } from '../machine.ts'
import { programAt } from '../program.ts'
import type { Timing } from '../timing.ts'

/** About what gathers behind one flush at full load. */
const fullGroup = 256

/** L2 in a process of its own, on the server's core. */
export async function storeAlone(offer: Offer, timing: Timing): Promise<StoreAloneResult> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-rows-'))
  const child = startNode(serverCore, [fileURLToPath(programAt('../limits/store-alone', import.meta.url)), folder])
  try {
    const pace = 'rate' in offer ? { group: 1, periodMs: 1000 / offer.rate } : { group: fullGroup, periodMs: 0 }
    const spec: StoreAloneSpec = { users: 200, ...pace, warmUpMs: timing.rampMs, windowMs: timing.windowMs }
    child.send(spec)
    return await nextMessage<StoreAloneResult>(child)
  } finally {
    await endProcess(child)
    await rm(folder, { recursive: true, force: true })
  }
}
