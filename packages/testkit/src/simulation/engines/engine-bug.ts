/** One mistake in what a node does with engines that it shares with others. */
export interface EngineBug {
  /** A row whose write took long stays where it lies, also where nobody looks any more. */
  slowRowsStay?: boolean
  /** Rows of a conversation lie at the times of whoever wrote them, not behind those of before. */
  timesIgnored?: boolean
  /** It is noted that entries are on the queues before they are. */
  doneEarly?: boolean
  /** Nobody completes what others left. */
  leftUndone?: boolean
  /** The clock is taken for right. */
  clockTrusted?: boolean
}
