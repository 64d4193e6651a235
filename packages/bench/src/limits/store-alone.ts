import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageText } from '../load/texts.ts'
import { cpuSeconds } from '../measure/process-tree.ts'
import { RowStore } from './rows.ts'

/** L2: the rows of W1 in SQLite alone, no sockets, no threads: `group` messages per transaction, one each `periodMs`. */
export interface StoreAloneSpec {
  users: number
  group: number
  /** 0: without pause. */
  periodMs: number
  warmUpMs: number
  windowMs: number
}

export interface StoreAloneResult {
  messages: number
  seconds: number
  costPerThousand: number
}

const heads: number[] = []
let number = 0

function batch(spec: StoreAloneSpec): (number | string)[] {
  const flat: (number | string)[] = []
  for (let count = 0; count < spec.group; count++) {
    const sender = number++ % spec.users
    const conversation = sender >> 1
    const seq = (heads[conversation] ?? 0) + 1
    heads[conversation] = seq
    const now = Date.now()
    const body = JSON.stringify({ text: messageText(number) })
    const id = now * 4096 + (number & 4095)
    flat.push(conversation, seq, id, sender, randomUUID(), now, body, seq, sender ^ 1, seq)
  }
  return flat
}

async function storeFor(store: RowStore, spec: StoreAloneSpec, ms: number): Promise<number> {
  const began = performance.now()
  let groups = 0
  while (performance.now() - began < ms) {
    store.store(batch(spec))
    groups += 1
    const early = began + groups * spec.periodMs - performance.now()
    if (spec.periodMs > 0 && early > 0) await delay(early)
  }
  return groups * spec.group
}

async function measure(folder: string, spec: StoreAloneSpec): Promise<StoreAloneResult> {
  const store = new RowStore(join(folder, 'alone.db'))
  await storeFor(store, spec, spec.warmUpMs)
  const began = performance.now()
  const cpu = cpuSeconds(process.pid)
  const messages = await storeFor(store, spec, spec.windowMs)
  const used = cpuSeconds(process.pid) - cpu
  store.close()
  return { messages, seconds: (performance.now() - began) / 1000, costPerThousand: (used / messages) * 1000 }
}

process.on('message', async (spec: StoreAloneSpec) => {
  process.send?.(await measure(process.argv[2] ?? '.', spec))
})
process.on('disconnect', () => process.exit())
