import type { Migration } from '../migrate.ts'

/** Where notifications of devices go, and those that are due, or shown (`shown` > 0). */
export const push: Migration = {
  name: '0009-push',
  sql: `
CREATE TABLE push_registrations (
  user TEXT NOT NULL, device TEXT NOT NULL, registration TEXT NOT NULL, PRIMARY KEY (user, device)
) WITHOUT ROWID;
CREATE TABLE push_jobs (
  user TEXT NOT NULL, device TEXT NOT NULL, conversation TEXT NOT NULL, seq INTEGER NOT NULL, position TEXT NOT NULL,
  mentioned INTEGER NOT NULL, due_at INTEGER, leased_until INTEGER NOT NULL DEFAULT 0, shown INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, claim INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (user, conversation, device)
) WITHOUT ROWID;
CREATE INDEX push_jobs_due ON push_jobs (due_at) WHERE due_at IS NOT NULL;
`,
}
