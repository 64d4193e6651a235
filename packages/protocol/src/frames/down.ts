import type { ErrorCode } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Update } from '../updates.ts'

/** Every frame that a server may send (protocol, "Server → client"). Clients ignore an unknown `t`. */
export type DownFrame =
  | WelcomeFrame
  | EventFrame
  | LiveFrame
  | OkFrame
  | ErrorFrame
  | TypingDownFrame
  | PresenceDownFrame
  | PongFrame
  | ByeFrame

export interface WelcomeFrame {
  t: 'welcome'
  session: string
  user: string
  device: string
  /** Where this session starts: the client's own cursor, or the head of the queue when it had none (rule Y1). */
  cursor: string
  resume: 'ok' | 'reset'
  /** Milliseconds; the client sends any frame at least this often (rule Y5). */
  heartbeat: number
  window: number
  limits: Limits
  /** The server's clock, ms since the epoch. */
  time: number
}
export interface EventFrame {
  t: 'event'
  pos: string
  update: Update
}
/** The end of the backlog, exactly once after `welcome` (rule S2). */
export interface LiveFrame {
  t: 'live'
  pos: string
}
export interface OkFrame {
  t: 'ok'
  ref: number
  conversation?: string
  seq?: number
  id?: string
  sentAt?: number
  duplicate?: true
}
export interface ErrorFrame {
  t: 'error'
  ref?: number
  code: ErrorCode
  message: string
  field?: string
  /** Milliseconds. */
  retryAfter?: number
}
export interface TypingDownFrame {
  t: 'typing'
  conversation: string
  user: string
  state: 'typing' | 'recording' | 'idle'
}
export interface PresenceDownFrame {
  t: 'presence'
  user: string
  status: 'online' | 'away' | 'offline'
  lastOnline?: number
}
export interface PongFrame {
  t: 'pong'
}
export interface ByeFrame {
  t: 'bye'
  reason: string
  reconnect: boolean
  /** Wait `after + random(0..spread)` ms before connecting again (rule K3). */
  after: number
  spread: number
  url?: string
}
