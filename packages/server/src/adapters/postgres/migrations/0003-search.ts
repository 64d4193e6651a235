import type { Migration } from '../migrate.ts'

/** Words of messages, in the shard of the conversation; among them one that stands for the conversation itself. */
export const search: Migration = {
  name: '0003-search',
  sql: `
CREATE TABLE documents (
  conversation text COLLATE "C" NOT NULL, seq bigint NOT NULL, id bigint NOT NULL, words tsvector NOT NULL,
  PRIMARY KEY (conversation, seq)
);
CREATE INDEX documents_by_word ON documents USING gin (words);
CREATE TABLE marks (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
`,
}
