import type { Migration } from '../schema.ts'

/** What is pinned in a conversation; what members starred and cleared for themselves. */
export const ownMarks: Migration = {
  name: '0003-own-marks',
  columns: [
    { table: 'conversations', name: 'pins', type: 'text static' },
    // Written at the time `cleared + 1`: the greatest stays.
    { table: 'memberships', name: 'cleared', type: 'int' },
  ],
  statements: [
    // star: the position of the queue row that told of it, and when it was starred; without a time it is taken away.
    'CREATE TABLE IF NOT EXISTS stars (user text, conversation text, seq int, star text, PRIMARY KEY (user, conversation, seq))',
  ],
}
