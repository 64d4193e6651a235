import type { Migration } from '../migrate.ts'

/** Devices that were logged out, for nodes that ask what was revoked since a mark. Ids are never used again. */
export const revocations: Migration = {
  name: '0004-revocations',
  sql: `
CREATE TABLE revocations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, device TEXT NOT NULL, token_hash TEXT NOT NULL,
  reason TEXT NOT NULL, at INTEGER NOT NULL
);
`,
}
