import type { Migration } from '../migrate.ts'

/** What is pinned in a conversation; what members starred and cleared for themselves. */
export const ownMarks: Migration = {
  name: '0005-own-marks',
  sql: `
ALTER TABLE conversations ADD COLUMN pins TEXT;
CREATE TABLE stars (
  user INTEGER NOT NULL, conversation INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (user, conversation, seq)
) WITHOUT ROWID;
CREATE TABLE clear_marks (
  user INTEGER NOT NULL, conversation INTEGER NOT NULL, up_to INTEGER NOT NULL,
  PRIMARY KEY (user, conversation)
) WITHOUT ROWID;
`,
}
