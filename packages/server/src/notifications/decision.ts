import type { Settings, UserSettings } from '@parley/protocol'
import { endOfQuietHours } from './quiet-hours.ts'

/** What is known when a job is due. */
export interface Facts {
  now: number
  seq: number
  mentioned: boolean
  /** Something is shown on the device. */
  isShown: boolean
  /** The user is in the conversation. */
  isMember: boolean
  /** The device has acknowledged the message. */
  acknowledged: boolean
  /** How far the user has read, on any device. */
  read: number
  settings: Settings
  user: Pick<UserSettings, 'quietHours' | 'preview'>
}

export type Decision =
  | { do: 'show' }
  | { do: 'withdraw' }
  | { do: 'nothing'; because: 'read' | 'left' | 'acknowledged' | 'muted' | 'mentions-only' }
  /** Looked at again then, ms since the epoch. */
  | { do: 'wait'; until: number }

/** Whether a device is told of a message it has not acknowledged (I14). */
export function decide(facts: Facts): Decision {
  const { now, seq, mentioned, isShown, isMember, acknowledged, read, settings, user } = facts
  if (read >= seq) return isShown ? { do: 'withdraw' } : { do: 'nothing', because: 'read' }
  if (!isMember) return isShown ? { do: 'withdraw' } : { do: 'nothing', because: 'left' }
  if (acknowledged) return { do: 'nothing', because: 'acknowledged' }
  if (settings.notify === 'none' || (settings.mutedUntil ?? 0) > now) return { do: 'nothing', because: 'muted' }
  if (settings.notify === 'mentions' && !mentioned) return { do: 'nothing', because: 'mentions-only' }
  const until = user.quietHours ? endOfQuietHours(user.quietHours, now) : undefined
  return until === undefined ? { do: 'show' } : { do: 'wait', until }
}
