import type { Migration } from '../migrate.ts'

/** Users, their devices and blocks. A username stays in `usernames` for ever, so nobody inherits another's name. */
export const accounts: Migration = {
  name: '0002-accounts',
  sql: `
CREATE TABLE usernames (username TEXT PRIMARY KEY, user TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE users (
  id TEXT PRIMARY KEY, username TEXT NOT NULL, display_name TEXT NOT NULL, avatar TEXT, password TEXT,
  settings TEXT NOT NULL, created_at INTEGER NOT NULL, deleted_at INTEGER
) WITHOUT ROWID;
CREATE TABLE devices (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, platform TEXT,
  created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX devices_by_user ON devices (user);
CREATE TABLE blocks (blocker TEXT NOT NULL, blocked TEXT NOT NULL, PRIMARY KEY (blocker, blocked)) WITHOUT ROWID;
`,
}
