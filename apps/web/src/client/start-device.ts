import { indexedDbStore } from '@parley/client/indexed-db-store'
import { tabChannel } from './channel.ts'
import { Device, type HoldLead } from './device.ts'
import { SharedRecords } from './shared-records.ts'

const name = 'parley'

const holdLead: HoldLead = (lead) => {
  const wait = (options: LockOptions): void => {
    const lost = new AbortController()
    navigator.locks
      .request(`${name}.client`, options, () => lead(lost.signal))
      .catch(() => {
        // Taken by a tab that got no answer from this one.
        lost.abort()
        wait({})
      })
  }
  wait({})
  return { take: () => wait({ steal: true }) }
}

/** This browser's device, from this tab. */
export async function startDevice(): Promise<Device> {
  const device = await Device.open({
    server: location.origin,
    openStore: () => indexedDbStore(name),
    channel: tabChannel(name),
    holdLead,
    records: (kind) => new SharedRecords(localStorage, `${name}.${kind}.`, window),
    newId: () => crypto.randomUUID().replaceAll('-', ''),
  })
  const look = (): void => {
    if (document.visibilityState === 'visible') void device.wake()
    else device.attend({ visible: false })
  }
  document.addEventListener('visibilitychange', look)
  // A page that is left, or kept for going back to, shows nobody.
  addEventListener('pagehide', () => device.attend({ visible: false, watched: [] }))
  addEventListener('pageshow', look)
  look()
  return device
}
