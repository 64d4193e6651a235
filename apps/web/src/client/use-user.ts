import type { User, UserId } from '@parley/protocol'
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import type { Device } from './device.ts'
import { useDevice } from './device-context.ts'
import { endAll } from './snapshot.ts'

const wanted = new WeakMap<Device, Set<UserId>>()

/** Asks once for each user that somebody shows and nobody knows. */
function want(device: Device, id: UserId): void {
  const asked = wanted.get(device) ?? new Set()
  wanted.set(device, asked)
  if (asked.has(id)) return
  asked.add(id)
  device.calls.learnUsers([id]).catch(() => asked.delete(id))
}

/** Who a user is; undefined until it is known. */
export function useUser(id: UserId | undefined): User | undefined {
  const device = useDevice()
  const { view } = device
  const subscribe = useCallback(
    (changed: () => void) => {
      const offs = [
        view.on('users', (ids) => id !== undefined && ids.has(id) && changed()),
        view.on('session', changed),
        view.on('dropped', changed),
      ]
      return endAll(offs)
    },
    [view, id],
  )
  const user = useSyncExternalStore(subscribe, () => (id === undefined ? undefined : view.user(id)))
  useEffect(() => {
    if (id !== undefined && !user) want(device, id)
  }, [device, id, user])
  return user
}
