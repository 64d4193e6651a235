import type { Migration } from '../migrate.ts'

export const presence: Migration = {
  name: '0003-presence',
  sql: 'CREATE TABLE presence (user TEXT PRIMARY KEY, last_online INTEGER NOT NULL) WITHOUT ROWID;',
}
