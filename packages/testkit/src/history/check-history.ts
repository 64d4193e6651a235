import { checkBounds } from './checks/bounds.ts'
import { checkCursors } from './checks/cursors.ts'
import { checkDelivery } from './checks/delivery.ts'
import { checkDuplicates } from './checks/duplicates.ts'
import { checkIds } from './checks/ids.ts'
import { checkMedia } from './checks/media.ts'
import { checkMembership } from './checks/membership.ts'
import { checkOrder } from './checks/order.ts'
import { checkOrigin } from './checks/origin.ts'
import { checkReceipts } from './checks/receipts.ts'
import { checkResets } from './checks/resets.ts'
import { checkUnread } from './checks/unread.ts'
import { checkWatermarks } from './checks/watermarks.ts'
import { Facts } from './facts.ts'
import { type HistoryRecord, invariants, type Violation } from './record.ts'

const checks = [
  checkDelivery,
  checkDuplicates,
  checkOrder,
  checkOrigin,
  checkMembership,
  checkWatermarks,
  checkIds,
  checkCursors,
  checkMedia,
  checkBounds,
  checkUnread,
  checkResets,
  checkReceipts,
]

/**
 * Every promise that the history shows to be broken. Reading stops at `limit` for each check.
 * @throws when the history leaves out what is needed to judge it: the log, or the members, of a conversation
 */
export function checkHistory(records: readonly HistoryRecord[], limit = 50): Violation[] {
  const facts = new Facts(records)
  return checks.flatMap((check) => [...check(facts).take(limit)])
}

/** @throws an error that names each broken promise */
export function assertHistory(records: readonly HistoryRecord[]): void {
  const violations = checkHistory(records)
  if (violations.length === 0) return
  const lines = violations.map(({ invariant, message }) => `${invariant} (${invariants[invariant]}): ${message}`)
  throw new Error(`${violations.length} broken promises in ${records.length} records:\n${lines.join('\n')}`)
}
