import type { PairsPlan } from './pairs.ts'
import type { SlotResult, SlotSpec } from './slot.ts'
import type { Endpoint } from './wire-socket.ts'

/** What the bench tells a load process; each is answered by one reply. */
export type LoadCommand =
  | { do: 'pairs'; endpoint: Endpoint; plan: PairsPlan }
  | { do: 'slot'; spec: SlotSpec; serverPid: number }
  | { do: 'close' }

export type LoadReply = { ok: true; slot?: SlotResult } | { ok: false; reason: string }
