import type { Migration } from '../migrate.ts'

/**
 * Messages and rows of queues as they came, all of one commit in one row (a JSON list), until they are moved to their
 * tables in bulk: a commit touches one page, not one for each conversation and each user. Rows of queues that waited in
 * the journal before wait here.
 */
export const journal: Migration = {
  name: '0006-journal',
  sql: `
CREATE TABLE journal (id INTEGER PRIMARY KEY, records TEXT NOT NULL);
INSERT INTO journal (id, records)
  SELECT id, json_array(json_array(
    json(places -> '$[0]'), json(places -> '$[1]'), conversation, first, last, body, at, NULL
  )) FROM queue_journal ORDER BY id;
DROP TABLE queue_journal;
`,
}
