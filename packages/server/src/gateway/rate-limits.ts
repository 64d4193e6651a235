import type { FrameRules } from './frame-limits.ts'
import type { RouteLimit } from './http/route.ts'

/**
 * Limits that socket frames and routes share, told at `GET /v1/server`. They leave room for a person in a hurry and
 * for a bot, and stop a loop: ten messages a second for a minute, twice that from all devices of a user together.
 */
export const sendRules: readonly RouteLimit[] = [
  { name: 'send-device', by: 'device', points: 600, seconds: 60 },
  { name: 'send-user', by: 'user', points: 1200, seconds: 60 },
  { name: 'send-conversation', by: 'conversation', points: 6000, seconds: 60 },
]
export const amendRules: readonly RouteLimit[] = [{ name: 'amend', by: 'user', points: 600, seconds: 60 }]
export const readRules: readonly RouteLimit[] = [{ name: 'read', by: 'user', points: 1200, seconds: 60 }]
const typingRules: readonly RouteLimit[] = [{ name: 'typing', by: 'device', points: 120, seconds: 60 }]
const presenceRules: readonly RouteLimit[] = [{ name: 'presence', by: 'device', points: 120, seconds: 60 }]

/** Connections and hellos, before anybody is known. */
export const connectRules: readonly RouteLimit[] = [{ name: 'socket-address', by: 'address', points: 600, seconds: 60 }]

export const frameRules: FrameRules = {
  send: sendRules,
  amend: amendRules,
  read: readRules,
  typing: typingRules,
  presence: presenceRules,
}
