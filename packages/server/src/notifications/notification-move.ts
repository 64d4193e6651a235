import type { DeviceId, UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { PushJob } from './push-queue.ts'

/** A job without the claim of a notifier: what had one is due again, under the same collapse key. */
export interface MovedJob extends Omit<PushJob, 'user' | 'dueAt'> {
  /** undefined: it shows something, and nothing is to be done. */
  dueAt: number | undefined
  shown: number
  tries: number
}

/** Where a user's devices are notified, and what they are to be told or show; each in order of device and conversation. */
export interface MovedNotifications {
  user: UserId
  /** As their adapters write them. */
  registrations: readonly { device: DeviceId; registration: string }[]
  jobs: readonly MovedJob[]
}

/** Port: where they come from. */
export interface NotificationExport {
  /** Every user who has any. */
  pageOfUsers(after: string | undefined, limit: number): Promise<KeyPage>
  /** Also of users who have none any more. */
  notifications(users: readonly UserId[]): Promise<MovedNotifications[]>
}

/** Port: where they go while nobody else writes there. */
export interface NotificationImport {
  /** From now on these users have what is given, and nothing else. Idempotent. */
  putNotifications(all: readonly MovedNotifications[]): Promise<void>
  notifications(users: readonly UserId[]): Promise<MovedNotifications[]>
}
