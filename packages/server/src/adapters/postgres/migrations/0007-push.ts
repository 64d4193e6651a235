import type { Migration } from '../migrate.ts'

/** Where notifications of devices go, and those that are due, or shown (`shown` > 0); in the shard of the user. */
export const push: Migration = {
  name: '0007-push',
  sql: `
CREATE TABLE push_registrations (
  user_id text COLLATE "C" NOT NULL, device_id text COLLATE "C" NOT NULL, registration text NOT NULL,
  PRIMARY KEY (user_id, device_id)
);
CREATE TABLE push_jobs (
  user_id text COLLATE "C" NOT NULL, conversation text COLLATE "C" NOT NULL, device_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL, position text NOT NULL, mentioned boolean NOT NULL, due_at bigint,
  leased_until bigint NOT NULL DEFAULT 0, shown bigint NOT NULL DEFAULT 0, tries integer NOT NULL DEFAULT 0,
  claim integer NOT NULL DEFAULT 0, PRIMARY KEY (user_id, conversation, device_id)
) WITH (fillfactor = 70);
CREATE INDEX push_jobs_due ON push_jobs (due_at) WHERE due_at IS NOT NULL;
`,
}
