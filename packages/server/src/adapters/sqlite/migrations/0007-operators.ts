import type { Migration } from '../migrate.ts'

/** Who operates the service, what they did, and offers to become the first of them. */
export const operators: Migration = {
  name: '0007-operators',
  sql: `
ALTER TABLE users ADD COLUMN suspension TEXT;
ALTER TABLE users ADD COLUMN operator INTEGER NOT NULL DEFAULT 0;
CREATE INDEX users_operators ON users (operator) WHERE operator = 1;
CREATE TABLE operator_offers (hash TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE audit (id INTEGER PRIMARY KEY, entry TEXT NOT NULL);
`,
}
