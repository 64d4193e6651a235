import { indexedDbStore } from '@parley/client/indexed-db-store'
import { tabChannel } from './channel.ts'
import { Device, type HoldLead } from './device.ts'
import { SharedRecords } from './shared-records.ts'

const name = 'parley'

/** Waits for its turn; gives the lead up when the tab goes, or when it is taken from a tab that does not answer. */
const holdLead: HoldLead = (lead) => {
  const lost = new AbortController()
  navigator.locks.request(`${name}.client`, () => lead(lost.signal)).catch(() => lost.abort())
}

/** This browser's device, from this tab. */
export function startDevice(): Promise<Device> {
  return Device.open({
    server: location.origin,
    openStore: () => indexedDbStore(name),
    channel: tabChannel(name),
    holdLead,
    records: (kind) => new SharedRecords(localStorage, `${name}.${kind}.`, window),
    newId: () => crypto.randomUUID().replaceAll('-', ''),
  })
}
