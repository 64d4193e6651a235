import type { Migration } from '../migrate.ts'

/**
 * Conversations, logs, queues, receipts. Ids of users, devices and conversations are long and repeat in every row,
 * so rows hold a small number for each (`names`). Snowflakes are kept as their time and their low 22 bits.
 */
export const log: Migration = {
  name: '0001-log',
  sql: `
CREATE TABLE names (ref INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE conversations (
  conversation INTEGER PRIMARY KEY, kind TEXT NOT NULL, title TEXT, description TEXT, avatar TEXT,
  history TEXT NOT NULL, created_at INTEGER NOT NULL, as_of INTEGER NOT NULL
);
CREATE TABLE members (
  conversation INTEGER NOT NULL, user INTEGER NOT NULL, role TEXT, intervals TEXT NOT NULL, started INTEGER,
  PRIMARY KEY (conversation, user)
) WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user, conversation);

CREATE TABLE heads (
  conversation INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, low INTEGER NOT NULL,
  messages INTEGER NOT NULL, last_message INTEGER NOT NULL, own TEXT NOT NULL
);
CREATE TABLE entries (
  conversation INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, low INTEGER NOT NULL,
  kind TEXT NOT NULL, sender INTEGER NOT NULL, device INTEGER NOT NULL, client_message_id TEXT,
  messages INTEGER NOT NULL, own INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (conversation, seq)
) WITHOUT ROWID;
CREATE TABLE sends (
  conversation INTEGER NOT NULL, sender INTEGER NOT NULL, client_message_id TEXT NOT NULL,
  seq INTEGER NOT NULL, fingerprint BLOB NOT NULL,
  PRIMARY KEY (conversation, sender, client_message_id)
) WITHOUT ROWID;
CREATE TABLE amendments (
  conversation INTEGER NOT NULL, target INTEGER NOT NULL, kind TEXT NOT NULL, user INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (conversation, target, kind, user)
) WITHOUT ROWID;

CREATE TABLE queue (
  user INTEGER NOT NULL, position INTEGER NOT NULL, conversation INTEGER, first INTEGER, last INTEGER,
  body TEXT, at INTEGER NOT NULL,
  PRIMARY KEY (user, position)
) WITHOUT ROWID;
-- Rows of many users that were placed together, until they are moved to \`queue\` in bulk: one page a commit, not one a user.
CREATE TABLE queue_journal (
  id INTEGER PRIMARY KEY, conversation INTEGER, first INTEGER, last INTEGER, body TEXT, at INTEGER NOT NULL,
  places TEXT NOT NULL
);
CREATE TABLE cursors (
  device INTEGER PRIMARY KEY, user INTEGER NOT NULL, position INTEGER NOT NULL, last_seen_message_id TEXT
);
CREATE INDEX cursors_by_user ON cursors (user);

CREATE TABLE member_settings (
  user INTEGER NOT NULL, conversation INTEGER NOT NULL, settings TEXT NOT NULL,
  PRIMARY KEY (user, conversation)
) WITHOUT ROWID;
CREATE TABLE read_marks (
  user INTEGER NOT NULL, conversation INTEGER NOT NULL, read INTEGER NOT NULL,
  messages INTEGER NOT NULL, own INTEGER NOT NULL,
  PRIMARY KEY (user, conversation)
) WITHOUT ROWID;
CREATE TABLE hidden (
  user INTEGER NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (user, conversation, seq)
) WITHOUT ROWID;

CREATE TABLE receipts (
  conversation INTEGER NOT NULL, user INTEGER NOT NULL, kind TEXT NOT NULL, up_to INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (conversation, user, kind, up_to)
) WITHOUT ROWID;

CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- A document's rowid is conversation * 2^31 + seq: it is found, replaced and removed by that. No text is kept twice.
CREATE VIRTUAL TABLE documents USING fts5 (
  text, id UNINDEXED, content = '', contentless_delete = 1, contentless_unindexed = 1, detail = none,
  tokenize = 'unicode61 remove_diacritics 2'
);
`,
}
