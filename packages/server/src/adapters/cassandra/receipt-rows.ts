import type { Watermark } from '../../messages/receipt-store.ts'
import type { Statement } from './cql.ts'

/** Watermarks of so many seqs lie in one partition. */
const bucketSeqs = 1_000

const writeNewest =
  'INSERT INTO watermarks (conversation, user, kind, up_to, back) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?'
const insertRow =
  'INSERT INTO receipts (conversation, bucket, user, kind, up_to, back) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?'
const deleteRow =
  'DELETE FROM receipts USING TIMESTAMP ? WHERE conversation = ? AND bucket = ? AND user = ? AND kind = ? AND up_to = ?'

export const receiptBucket = (seq: number): number => Math.floor(Math.max(0, seq) / bucketSeqs)

/** Of two the one that reaches further stays, and of two that reach as far the earlier: so `back` counts down. */
export const newestStatement = ({ conversation, user, kind, upTo, at }: Watermark): Statement => ({
  query: writeNewest,
  params: [conversation, user, kind, upTo, -at, upTo],
})

export const historyStatement = ({ conversation, user, kind, upTo, at }: Watermark): Statement => ({
  query: insertRow,
  params: [conversation, receiptBucket(upTo), user, kind, upTo, -at, upTo],
})

/** `before` goes; as of `upTo`, which takes its place. */
export const replaceStatement = (before: Watermark, upTo: number): Statement => ({
  query: deleteRow,
  params: [upTo, before.conversation, receiptBucket(before.upTo), before.user, before.kind, before.upTo],
})
