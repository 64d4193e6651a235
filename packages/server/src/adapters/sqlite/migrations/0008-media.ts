import type { Migration } from '../migrate.ts'

/** Media: what there is, what refers to it, which bytes are stored and for whom. */
export const media: Migration = {
  name: '0008-media',
  sql: `
CREATE TABLE media (
  id TEXT PRIMARY KEY, owner TEXT NOT NULL, size INTEGER NOT NULL, type TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT,
  created_at INTEGER NOT NULL, state TEXT NOT NULL, complete_at INTEGER, facts TEXT
) WITHOUT ROWID;
CREATE INDEX media_by_owner ON media (owner, size);
CREATE INDEX media_unfinished ON media (created_at) WHERE state = 'uploading';
CREATE INDEX media_complete ON media (complete_at) WHERE state = 'complete';
CREATE INDEX media_leaving ON media (id) WHERE state = 'leaving';
CREATE TABLE media_references (
  media TEXT NOT NULL, by TEXT NOT NULL, conversation TEXT, seq INTEGER, check_at INTEGER,
  PRIMARY KEY (media, by)
) WITHOUT ROWID;
CREATE INDEX media_references_doubtful ON media_references (check_at) WHERE check_at IS NOT NULL;
CREATE TABLE media_objects (
  key TEXT PRIMARY KEY, size INTEGER NOT NULL, tier TEXT NOT NULL, read_at INTEGER NOT NULL, uses INTEGER NOT NULL,
  doomed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX media_objects_unused ON media_objects (key) WHERE uses = 0;
CREATE TABLE media_uses (media TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (media, key)) WITHOUT ROWID;
CREATE INDEX media_uses_by_key ON media_uses (key);
CREATE TRIGGER media_used AFTER INSERT ON media_uses BEGIN
  UPDATE media_objects SET uses = uses + 1 WHERE key = new.key;
END;
CREATE TRIGGER media_released AFTER DELETE ON media_uses BEGIN
  UPDATE media_objects SET uses = uses - 1 WHERE key = old.key;
END;
`,
}
