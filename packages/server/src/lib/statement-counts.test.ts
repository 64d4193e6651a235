import { describe, expect, it } from 'vitest'
import { StatementCounts } from './statement-counts.ts'

describe('statements asked of engines', () => {
  it('are counted by engine, kind and table', () => {
    const counts = new StatementCounts()
    for (let times = 0; times < 3; times++)
      counts.noteQuery('cassandra', 'SELECT row, pointer FROM queue WHERE user = ?')
    counts.noteQuery('cassandra', 'SELECT seq FROM log WHERE conversation = ?', 'serial read')
    counts.noteQuery('cassandra', 'INSERT INTO queue (user, bucket) VALUES (?, ?)')
    counts.noteQuery('cassandra', 'UPDATE memberships USING TIMESTAMP ? SET at = ? WHERE user = ?')
    counts.noteQuery('cassandra', 'DELETE FROM queue_cursors WHERE user = ?')
    counts.noteQuery('cassandra', 'INSERT INTO log (seq) VALUES (?) IF NOT EXISTS', 'conditional')
    counts.note('redis', 'command')
    expect(counts.all().map(({ engine, kind, table, count }) => `${engine} ${kind} ${table} ${count}`)).toEqual([
      'cassandra read queue 3',
      'cassandra serial read log 1',
      'cassandra write queue 1',
      'cassandra write memberships 1',
      'cassandra write queue_cursors 1',
      'cassandra conditional log 1',
      'redis command  1',
    ])
  })
})
