import type { Migration } from '../migrate.ts'

/**
 * Users, devices and blocks, in the shard of the user. Usernames and hashes of tokens, in the shard of their own hash,
 * say whose they are; a username stays for ever, so nobody inherits another's name. One that is not settled is a
 * reservation whose account may not have come. Revocations know their transaction: they are told in order of commit.
 */
export const accounts: Migration = {
  name: '0002-accounts',
  sql: `
CREATE TABLE users (
  id text COLLATE "C" PRIMARY KEY, username text COLLATE "C" NOT NULL, display_name text NOT NULL, avatar text,
  password text, settings jsonb NOT NULL, created_at bigint NOT NULL, deleted_at bigint
);
CREATE INDEX users_by_username ON users (username) WHERE deleted_at IS NULL;
CREATE TABLE usernames (
  username text COLLATE "C" PRIMARY KEY, user_id text COLLATE "C" NOT NULL,
  reserved_at timestamptz NOT NULL DEFAULT now(), settled boolean NOT NULL DEFAULT false
);
CREATE TABLE devices (
  user_id text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, token_hash text COLLATE "C" NOT NULL,
  name text NOT NULL, platform text, created_at bigint NOT NULL, last_seen_at bigint NOT NULL,
  PRIMARY KEY (user_id, id)
);
CREATE TABLE tokens (
  token_hash text COLLATE "C" PRIMARY KEY, user_id text COLLATE "C" NOT NULL, device_id text COLLATE "C" NOT NULL
);
CREATE TABLE blocks (
  blocker text COLLATE "C" NOT NULL, blocked text COLLATE "C" NOT NULL, PRIMARY KEY (blocker, blocked)
);
CREATE TABLE revocations (
  user_id text COLLATE "C" NOT NULL, device_id text COLLATE "C" NOT NULL, token_hash text COLLATE "C" NOT NULL,
  reason text NOT NULL, txid xid8 NOT NULL DEFAULT pg_current_xact_id(), at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX revocations_by_txid ON revocations (txid);
CREATE INDEX revocations_by_time ON revocations (at);
CREATE TABLE secrets (name text COLLATE "C" PRIMARY KEY, value bytea NOT NULL);
`,
}
