import type { Batch, ConnectionState } from '@parley/client'
import type { UserId } from '@parley/protocol'
import type { CallTarget } from './calls.ts'
import type { DeviceEvents } from './device-events.ts'
import type { Failure } from './failures.ts'

export type DeviceEvent = {
  [Name in keyof DeviceEvents]: { name: Name; event: DeviceEvents[Name] }
}[keyof DeviceEvents]

/** What the tabs of this browser say to each other. The leader is the one that runs the client. */
export type TabMessage =
  /** Who leads? */
  | { type: 'hello'; tab: string }
  /** I lead, since I said this first with a new `leader`; answers `hello` too. */
  | { type: 'leader'; leader: string; state: ConnectionState }
  /** The store has this now. */
  | { type: 'batch'; leader: string; batch: Batch }
  | { type: 'event'; leader: string; told: DeviceEvent }
  /** `abortable`: the argument that takes a signal. */
  | { type: 'call'; id: string; target: CallTarget; args: unknown[]; abortable?: number | undefined }
  | { type: 'abort'; id: string }
  | { type: 'answer'; id: string; value?: unknown; failure?: Failure }
  /** Whose presence a tab shows, and whether somebody looks at it. */
  | { type: 'attention'; tab: string; visible: boolean; watched: UserId[] }

/** All other tabs of this browser. */
export interface Channel {
  post(message: TabMessage): void
  /** One listener. */
  listen(listener: (message: TabMessage) => void): void
  close(): void
}

export function tabChannel(name: string): Channel {
  const channel = new BroadcastChannel(name)
  return {
    post: (message) => channel.postMessage(message),
    listen(listener) {
      channel.onmessage = ({ data }) => listener(data as TabMessage)
    },
    close: () => channel.close(),
  }
}
