import type { Migration } from '../migrate.ts'

/** Who operates the service, what they did, and offers to become the first of them. */
export const operators: Migration = {
  name: '0006-operators',
  sql: `
ALTER TABLE users ADD COLUMN suspension jsonb, ADD COLUMN operator boolean NOT NULL DEFAULT false;
CREATE INDEX users_operators ON users (id) WHERE operator;
CREATE TABLE operator_offers (hash text COLLATE "C" PRIMARY KEY, until bigint NOT NULL);
CREATE TABLE audit (id bigint PRIMARY KEY, entry jsonb NOT NULL);
`,
}
