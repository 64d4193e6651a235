import type { Migration } from '../schema.ts'

/** Sends are told apart for at least 30 days (rule D2). */
const sendDays = 31
/** For so long it is known which conversations a node wrote to. */
const laneDays = 8
const seconds = (days: number): number => days * 86_400
/** For what is written once and goes by its age: whole files are dropped. */
const byAge = (days: number): string =>
  `default_time_to_live = ${seconds(days)} AND compaction = {'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', 'compaction_window_size': '1'}`

/**
 * Conversations, logs, receipts. Rows of `log` and `directs` are only ever written conditionally. All others are written
 * plainly, again and again without harm: the time of a write (USING TIMESTAMP) is the seq that it reflects, so what
 * reflects more of the log wins, whoever writes it and whenever.
 */
export const log: Migration = {
  name: '0001-log',
  statements: [
    // kind 0: an entry (key is empty); kind 1: what is kept of a send (seq is 0, key is its sender and clientMessageId).
    // `projection` is there with the last entry of a batch that changed members or title.
    `CREATE TABLE IF NOT EXISTS log (
      conversation text, bucket int, kind tinyint, seq int, key text,
      head int static, head_id bigint static, head_at bigint static, head_messages int static, last_message int static,
      own map<text, int> static,
      id bigint, at bigint, type text, sender text, device text, client_message_id text,
      messages int, own_messages int, body text, projection text, first_seq int, fingerprint blob,
      PRIMARY KEY ((conversation, bucket), kind, seq, key))`,
    // Sends of buckets that are closed.
    `CREATE TABLE IF NOT EXISTS sends (
      conversation text, slot tinyint, key text, first_seq int, id bigint, at bigint, fingerprint blob,
      PRIMARY KEY ((conversation, slot), key)) WITH ${byAge(sendDays)}`,
    `CREATE TABLE IF NOT EXISTS amendments (
      conversation text, bucket int, type text, target int, user text,
      seq int, id bigint, at bigint, sender text, device text, client_message_id text,
      messages int, own_messages int, body text,
      PRIMARY KEY ((conversation, bucket), type, target, user))`,
    // Up to seq everything that follows from the log is stored; row_time is that of the newest queue row.
    'CREATE TABLE IF NOT EXISTS fanned (conversation text PRIMARY KEY, seq int, row_time bigint)',
    'CREATE TABLE IF NOT EXISTS lanes (node text, epoch bigint, conversation text, PRIMARY KEY ((node, epoch), conversation)) ' +
      `WITH ${byAge(laneDays)}`,
    'CREATE TABLE IF NOT EXISTS lane_epochs (day int, epoch bigint, node text, done boolean, PRIMARY KEY (day, epoch, node)) ' +
      `WITH ${byAge(laneDays)}`,
    // What a node is about to write in several steps.
    'CREATE TABLE IF NOT EXISTS intents (node text, epoch bigint, id int, step text, done boolean, PRIMARY KEY ((node, epoch), id)) ' +
      `WITH ${byAge(laneDays)}`,
    // The first record of a direct conversation, whoever made it.
    'CREATE TABLE IF NOT EXISTS directs (conversation text PRIMARY KEY, record text)',
    `CREATE TABLE IF NOT EXISTS conversations (
      conversation text, user text, kind text static, title text static, description text static, avatar text static,
      history text static, created_at bigint static, as_of int static, role text, intervals text,
      PRIMARY KEY (conversation, user))`,
    // A user's conversations: there now or not, newest activity, own settings, read mark.
    `CREATE TABLE IF NOT EXISTS memberships (
      user text, conversation text, present boolean, at bigint, settings text, read int, read_messages int, read_own int,
      PRIMARY KEY (user, conversation))`,
    'CREATE TABLE IF NOT EXISTS hidden (user text, conversation text, seq int, PRIMARY KEY ((user, conversation), seq))',
    // The newest watermark of each member, and how it got there.
    `CREATE TABLE IF NOT EXISTS watermarks (
      conversation text, user text, kind text, up_to int, back bigint, PRIMARY KEY (conversation, user, kind))`,
    `CREATE TABLE IF NOT EXISTS receipts (
      conversation text, bucket int, user text, kind text, up_to int, back bigint,
      PRIMARY KEY ((conversation, bucket), user, kind, up_to))`,
  ],
}
