import type { Migration } from '../schema.ts'

const day = 86_400
/** A cursor is good for 30 days (rule Y4); what it counts on lives a day longer. */
const rowSeconds = 31 * day

const expiring = `default_time_to_live = ${rowSeconds} AND gc_grace_seconds = ${day}
  AND compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': 1}`

/** Sync queues. No row is deleted: rows expire, and whole files with them. */
export const queue: Migration = {
  name: '0002-queue',
  statements: [
    // pointer: an Update as JSON, or '>conversation from to' (pointers.ts); row: a position (positions.ts).
    `CREATE TABLE IF NOT EXISTS queue (user text, bucket int, row text, pointer text, PRIMARY KEY ((user, bucket), row))
     WITH ${expiring}`,
    // Which partitions of queue a user has rows in, named before the first row there is answered.
    // dense_head: the last position that came from SQLite.
    `CREATE TABLE IF NOT EXISTS queue_buckets (user text, bucket int, dense_head text static, PRIMARY KEY (user, bucket))
     WITH ${expiring}`,
    // Written at the time of the position, so that an older one never takes the place of a newer one.
    `CREATE TABLE IF NOT EXISTS queue_cursors (user text, device text, position text, last_message text,
     PRIMARY KEY (user, device))`,
  ],
}
