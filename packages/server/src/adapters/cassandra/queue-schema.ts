/** Rows live a day longer than cursors are trusted, so that what a cursor counts on is there. */
const margin = 86_400

/**
 * Tables of the sync queues, for a keyspace that is in use already. Nothing in them is deleted row by row: rows expire,
 * and whole files with them. `retention`: seconds that a cursor is good for.
 */
export function queueTables(retention: number): string[] {
  const expiring = `default_time_to_live = ${retention + margin} AND gc_grace_seconds = ${margin}
    AND compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': 1}`
  return [
    // A row's pointer: an Update as JSON, or '>conversation from to' (pointers.ts); `row` as positions.ts says.
    `CREATE TABLE IF NOT EXISTS queue (user text, bucket int, row text, pointer text, PRIMARY KEY ((user, bucket), row))
     WITH ${expiring}`,
    // Which partitions of `queue` a user has rows in; named before the first row of it is answered.
    // dense_head: the last position that came from SQLite.
    `CREATE TABLE IF NOT EXISTS queue_buckets (user text, bucket int, dense_head text static, PRIMARY KEY (user, bucket))
     WITH ${expiring}`,
    // Written at the time of the position, so that an older one never takes the place of a newer one.
    `CREATE TABLE IF NOT EXISTS queue_cursors (user text, device text, position text, last_message text,
     PRIMARY KEY (user, device))`,
  ]
}
