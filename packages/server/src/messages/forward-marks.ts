import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { Lift, ReaderDependencies, RowExpander } from '../sync/queue-reader.ts'
import { ForwardReads, NewestReads } from './forward-reads.ts'
import { ForwardReceipts, NewestReceipts } from './forward-receipts.ts'
import type { ReceiptStore } from './receipt-store.ts'

/** What a reader needs where other nodes tell watermarks too. */
export function forwardMarks(
  expander: RowExpander,
  stores: { receipts: Pick<ReceiptStore, 'latest'>; conversations: Pick<ConversationStore, 'readMark'> },
): Pick<ReaderDependencies, 'expander' | 'lift'> {
  return {
    expander: new NewestReads(new NewestReceipts(expander, stores.receipts), stores.conversations),
    lift: (): Lift => {
      const [receipts, reads] = [new ForwardReceipts(), new ForwardReads()]
      return {
        trusts: (event) => receipts.trusts(event) && reads.trusts(event),
        lift: (event) => reads.lift(receipts.lift(event)),
      }
    },
  }
}
