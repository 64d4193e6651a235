import type { ConversationId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { Watermark } from './receipt-store.ts'

/** Port: where the history of receipts comes from. */
export interface ReceiptExport {
  /** Conversations that may have receipts. */
  pageOfConversations(after: string | undefined, limit: number): Promise<KeyPage>
  /** The newest watermark of each member and kind. */
  newest(conversation: ConversationId): Promise<Watermark[]>
  /** Watermarks of one member and kind with upTo ≥ from, ascending, `limit` at most. */
  history(of: Pick<Watermark, 'conversation' | 'user' | 'kind'>, from: number, limit: number): Promise<Watermark[]>
}

/** Port: where it goes while nobody else writes there. */
export interface ReceiptImport {
  /** In any order, again and again without harm. */
  putWatermarks(watermarks: readonly Watermark[]): Promise<void>
}

const second = (at: number): number => Math.floor(at / 1000)

/**
 * Of one member's watermarks (ascending) those that count: a row that is not older, to the second, than one that
 * reaches further moved nothing. What adapters leave out when they read.
 */
export function settledMoves(rows: readonly Watermark[]): Watermark[] {
  const moves: Watermark[] = []
  for (const row of rows.toReversed()) {
    const further = moves.at(-1)
    if (!further || second(row.at) < second(further.at)) moves.push(row)
  }
  return moves.reverse()
}
