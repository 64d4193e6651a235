import type { ConnectionState, StoredSession } from '@parley/client'
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react'
import type { Calls } from './calls.ts'
import type { Device } from './device.ts'

const DeviceContext = createContext<Device | undefined>(undefined)

export const DeviceProvider = DeviceContext.Provider

/** This browser's device: what it knows (`view`), what it can be asked for (`calls`). */
export function useDevice(): Device {
  const device = useContext(DeviceContext)
  if (!device) throw new Error('There is no device around this component.')
  return device
}

export function useCalls(): Calls {
  return useDevice().calls
}

/** Who is logged in; without a token the server ended it. */
export function useSession(): StoredSession | undefined {
  const { view } = useDevice()
  const subscribe = useCallback((changed: () => void) => view.on('session', changed), [view])
  return useSyncExternalStore(subscribe, () => view.session)
}

/** My user id, inside what is only shown when somebody is logged in. */
export function useMe(): string {
  return useSession()?.user.id ?? ''
}

export function useConnection(): ConnectionState {
  const device = useDevice()
  const subscribe = useCallback((changed: () => void) => device.on('state', changed), [device])
  return useSyncExternalStore(subscribe, () => device.state)
}
