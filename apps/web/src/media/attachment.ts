import type { MediaDetails } from '@parley/client'
import type { ConversationId, MediaId } from '@parley/protocol'

/** Something that is to be sent and not at the server yet. It is kept in the browser until it is. */
export interface Attachment {
  /** Becomes the message's `clientMessageId`: however often it is tried, it is sent once. */
  id: string
  conversation: ConversationId
  createdAt: number
  blob: Blob
  name: string
  type: string
  details: MediaDetails
  /** An image that stands for a video. */
  poster?: Blob | undefined
  replyTo?: number | undefined
  /** Where its upload stands at the server. */
  mediaId?: MediaId | undefined
}

/** How far it is, in this tab's eyes. */
export type UploadState =
  | { status: 'waiting' }
  | { status: 'uploading'; sent: number; total: number }
  | { status: 'paused'; sent: number; total: number }
  /** Refused for good, by a code of the closed table. */
  | { status: 'failed'; code: string }
