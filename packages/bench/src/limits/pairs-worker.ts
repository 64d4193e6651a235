import { parentPort, workerData } from 'node:worker_threads'
import { RowStore } from './rows.ts'

/** The store thread of L3: a batch in, a number out when it is durable. */
const store = new RowStore(workerData.file)

parentPort?.on('message', (flat: (number | string)[]) => {
  store.store(flat)
  parentPort?.postMessage(0)
})
