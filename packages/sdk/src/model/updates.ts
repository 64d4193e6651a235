import type { EntryUpdate, Update } from '@parley/protocol'

/** True for an update that is an entry of a conversation's log, with its own `seq` (rule D4). */
export function isEntry(update: Update): update is EntryUpdate {
  return 'seq' in update && typeof update.seq === 'number'
}
