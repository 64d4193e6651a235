import type { Clock } from '../lib/clock.ts'
import type { Latencies } from '../lib/latencies.ts'
import type { ConversationLog } from '../log/conversation-log.ts'

type LaneLog = Pick<ConversationLog, 'append' | 'moment' | 'complete' | 'findSend'>

/** The log as lanes use it; how long appends take is counted, refused ones too. */
export function measuredLog(log: LaneLog, clock: Clock, appends: Latencies): LaneLog {
  return {
    append: async (batch) => {
      const start = clock.monotonic()
      try {
        return await log.append(batch)
      } finally {
        appends.observe((clock.monotonic() - start) / 1000)
      }
    },
    moment: () => log.moment?.(),
    complete: (conversation) => log.complete(conversation),
    findSend: (conversation, sender, clientMessageId) => log.findSend(conversation, sender, clientMessageId),
  }
}
