import type { Migration } from '../migrate.ts'

/**
 * Media and what refers to them, in the shard of the media; stored bytes and which media use them, in the shard of their
 * key. A node that removes bytes has them for itself until `removed_until`. `refs` and `uses` count the rows beside, in the same transaction: what is decided on them holds.
 */
export const media: Migration = {
  name: '0005-media',
  sql: `
CREATE TABLE media (
  id text COLLATE "C" PRIMARY KEY, owner text COLLATE "C" NOT NULL, size bigint NOT NULL, type text NOT NULL,
  sha256 text COLLATE "C" NOT NULL, name text, created_at bigint NOT NULL, state text NOT NULL DEFAULT 'uploading',
  facts jsonb, completed_at bigint, refs integer NOT NULL DEFAULT 0
);
CREATE INDEX media_by_owner ON media (owner) INCLUDE (size);
CREATE INDEX media_unfinished ON media (created_at) WHERE state = 'uploading';
CREATE INDEX media_unreferenced ON media (completed_at) WHERE state = 'complete' AND refs = 0;
CREATE INDEX media_leaving ON media (id) WHERE state = 'leaving';
CREATE TABLE media_references (
  media text COLLATE "C" NOT NULL, by text COLLATE "C" NOT NULL, conversation text COLLATE "C", seq bigint,
  check_at bigint, PRIMARY KEY (media, by)
);
CREATE INDEX media_references_doubtful ON media_references (check_at) WHERE check_at IS NOT NULL;
CREATE TABLE media_objects (
  key text COLLATE "C" PRIMARY KEY, size bigint NOT NULL, tier text NOT NULL DEFAULT 'hot', read_at bigint NOT NULL,
  uses integer NOT NULL DEFAULT 0, leaving boolean NOT NULL DEFAULT false, remover text, removed_until timestamptz
);
CREATE INDEX media_objects_unused ON media_objects (key) WHERE uses = 0;
CREATE INDEX media_objects_unread ON media_objects (key, read_at) WHERE tier = 'hot';
CREATE TABLE media_uses (
  key text COLLATE "C" NOT NULL, media text COLLATE "C" NOT NULL, PRIMARY KEY (key, media)
);
CREATE INDEX media_uses_by_media ON media_uses (media);
`,
}
