import type { DeviceId, UserId } from '@parley/protocol'

export type RevocationReason = 'logged_out' | 'account_deleted'

/** A device that may do nothing any more. */
export interface Revocation {
  user: UserId
  device: DeviceId
  /** Of the token that is worth nothing now. */
  tokenHash: string
  reason: RevocationReason
}

/** Milliseconds for which revocations are kept at least. */
export const revocationRetention = 86_400_000

/**
 * Port: what was revoked, by whichever node. It is noted in the step in which the device goes (`DeviceStore.remove`,
 * `AccountStore.erase`). A revocation that was on its way when a mark was given is told behind that mark, also when
 * another that began later was stored first. One may be told more than once.
 */
export interface RevocationLog {
  /**
   * What was revoked since `mark`, in any order, and the mark to ask with next. Without a mark: only a mark.
   * `revocations` is undefined when the mark is too old or unreadable, or there is too much to tell: any device may be
   * revoked.
   */
  since(mark: string | undefined): Promise<{ mark: string; revocations: Revocation[] | undefined }>
  /** Forgets what was noted before `time` (ms). @returns how many of them, at most `limit` */
  trim(time: number, limit: number): Promise<number>
}
