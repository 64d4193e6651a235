import type { CatchUpPlan, CatchUpRound } from './catch-up.ts'
import type { GroupPlan } from './group.ts'
import type { PagesPlan, PagesResult } from './pages.ts'
import type { PairsPlan } from './pairs.ts'
import type { Measured, SlotResult, SlotSpec } from './slot.ts'
import type { StormResult } from './storm.ts'
import type { Endpoint } from './wire-socket.ts'

/** Answers by command; a command without one is answered by null. */
export interface LoadAnswers {
  pairs: null
  group: null
  idle: null
  grow: null
  storm: null
  catchUp: null
  close: null
  slot: SlotResult
  fill: null
  recover: StormResult
  round: CatchUpRound
  pages: PagesResult
}

/** What the bench tells a load process, one at a time. The first ones open a load, the others use it. */
export type LoadCommand =
  | { do: 'pairs'; endpoint: Endpoint; plan: PairsPlan }
  | { do: 'group'; endpoint: Endpoint; plan: GroupPlan }
  | { do: 'idle'; endpoint: Endpoint; tokens: readonly string[]; heartbeat?: number }
  | { do: 'storm'; endpoint: Endpoint; plan: PairsPlan; held: number }
  | { do: 'catchUp'; endpoint: Endpoint; plan: CatchUpPlan }
  | { do: 'slot'; spec: SlotSpec; measured: Measured }
  /** Pairs: full load until this many more messages are stored and delivered. */
  | { do: 'fill'; messages: number }
  /** Idle: until there are so many; also a check that none was lost. */
  | { do: 'grow'; connections: number }
  | { do: 'recover'; killedAt: number }
  | { do: 'round'; messages: number; serverPid: number }
  | { do: 'pages'; endpoint: Endpoint; plan: PagesPlan }
  | { do: 'close' }

export type LoadReply = { ok: true; answer: LoadAnswers[keyof LoadAnswers] } | { ok: false; reason: string }
