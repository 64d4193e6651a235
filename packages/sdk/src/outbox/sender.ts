import type { OutboxItem } from '../store/records.ts'

/** What an `ok` says: nothing for a deletion for me. */
export interface SendResult {
  seq?: number
  id?: string
  sentAt?: number
  duplicate?: true
}

/** A way to the server that is open now. */
export interface Sender {
  /** True when the way keeps the order and a refusal holds what follows (rule D3): the next goes before the last is answered. */
  readonly pipelined: boolean
  /** How many may be unanswered. */
  readonly window: number
  /** Rejects with `ParleyError`; with `OfflineError` when nothing is known of it. */
  submit(item: OutboxItem): Promise<SendResult>
}
