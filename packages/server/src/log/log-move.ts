import type { ConversationId, UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { ConversationRecord } from './conversation-record.ts'
import type { Entry, Head } from './entry.ts'

/** A conversation on the way to another store, as its log says it is at `head`. */
export interface MovedConversation {
  /** `asOf` is the head's seq. */
  record: ConversationRecord
  /** undefined: nothing was said in it yet. */
  head: Head | undefined
  /** Of a direct one: who has it in the inbox before anything is said. */
  creator: UserId | undefined
}

export interface MovedEntry extends Entry {
  /** SHA-256 in hex of what was sent, while it is told apart (rule D2). */
  fingerprint: string | undefined
}

/** Port: where conversations come from; others go on with them meanwhile. */
export interface LogExport {
  pageOfConversations(after: string | undefined, limit: number): Promise<KeyPage>
  /** Each as it is at one moment. */
  conversations(ids: readonly ConversationId[]): Promise<MovedConversation[]>
  /** Entries after < seq ≤ upTo, the lowest `limit` of them. */
  entries(conversation: ConversationId, after: number, upTo: number, limit: number): Promise<MovedEntry[]>
  /** Entries up to `before` that lost their content by deletions in before < seq ≤ upTo. */
  emptied(conversation: ConversationId, before: number, upTo: number): Promise<MovedEntry[]>
}

/**
 * Port: where conversations go while nobody else writes there. What is written again replaces what reflects less of the
 * log, and never anything that a node appended later: so whatever was done before an interruption may be done again.
 */
export interface LogImport {
  /** Up to which seq all entries of each conversation are here; those of which nothing is are left out. */
  arrived(conversations: readonly ConversationId[]): Promise<ReadonlyMap<ConversationId, number>>
  /**
   * Entries of one conversation, ascending and without holes, behind what arrived; or some that arrived before and read
   * otherwise now. `head`: the seq that the log has where they come from. Durable when it resolves.
   */
  putEntries(conversation: ConversationId, entries: readonly MovedEntry[], head: number): Promise<void>
  /** All entries up to the head are here: head, record, members and inbox rows. From then on it can be appended to. */
  finish(conversation: MovedConversation): Promise<void>
  /** What is kept of the sends that these entries are of, one for each; undefined: nothing. */
  fingerprints(conversation: ConversationId, entries: readonly Entry[]): Promise<(string | undefined)[]>
}
