import type { ClientEvents, ConnectionState } from '@parley/client'

/** What passes, and is in no store: told in every tab. */
export interface DeviceEvents {
  message: ClientEvents['message']
  presence: ClientEvents['presence']
  typing: ClientEvents['typing']
  device: ClientEvents['device']
  state: ConnectionState
  /** Something that was to be sent was refused for good. */
  refused: { item: ClientEvents['outbox']['item']; code: string; message: string }
}
