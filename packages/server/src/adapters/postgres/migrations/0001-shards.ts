import type { Migration } from '../migrate.ts'

/** Which database this is, and over which ones users are spread: slots from `first` on, up to the next row's. */
export const shards: Migration = {
  name: '0001-shards',
  sql: `
CREATE TABLE shard (id text PRIMARY KEY);
INSERT INTO shard (id) VALUES (gen_random_uuid()::text);
CREATE TABLE slots (first integer PRIMARY KEY, shard text NOT NULL, label text NOT NULL);
`,
}
