import type { ConversationId, MediaId } from '@parley/protocol'

/** Something that carries a media object: a message, or a profile or conversation whose picture it is. */
export interface MediaReference {
  media: MediaId
  /** Names what refers to it, once per object. */
  by: string
  /** The conversation whose members may see it; undefined: everybody. */
  conversation: ConversationId | undefined
  /** The message; undefined while it is not known to be stored, and for pictures. */
  seq: number | undefined
  /** ms; from then on it is to be compared with what it stands for. undefined: it is settled. */
  checkAt: number | undefined
}

/**
 * Port: what refers to media. A reference is durable before what it stands for is: whoever dies in between leaves one
 * that is to be checked, never a message whose media can be deleted (I10).
 * Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface MediaReferences {
  /**
   * Adds it, when the object is `complete`; else false. One that is there and settled stays as it is; one that is to be
   * checked takes the later time.
   */
  refer(reference: MediaReference & { checkAt: number }): Promise<boolean>
  /** It stands, for the message `seq`. One that is not there is added, as long as the object is there. */
  settle(reference: Omit<MediaReference, 'checkAt'>): Promise<void>
  /** It stands for nothing any more. */
  drop(media: MediaId, by: string): Promise<void>
  /** What refers to the object for that message is to be checked at `at`. */
  doubt(media: MediaId, conversation: ConversationId, seq: number, at: number): Promise<void>
  /** In order of `by`, those behind `after`. */
  of(media: MediaId, after: string, limit: number): Promise<MediaReference[]>
  /** Those to be checked at or before `at`. In no particular order. */
  doubtful(at: number, limit: number): Promise<MediaReference[]>
}
