import type { Content, ConversationId } from '@parley/protocol'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { Entry } from '../log/entry.ts'

const mediaOf = ({ body }: Entry): string | undefined => (JSON.parse(body) as { content?: Content }).content?.media?.id

/** Media of a message and of its newest edit; of one that was deleted there are none. The log is the truth of it. */
export async function mediaOfMessage(
  log: Pick<ConversationLog, 'read' | 'amendments'>,
  conversation: ConversationId,
  seq: number,
): Promise<ReadonlySet<string>> {
  const [[entry], amendments] = await Promise.all([
    log.read(conversation, { after: seq - 1, before: seq + 1, limit: 1 }),
    log.amendments(conversation, seq, seq),
  ])
  if (entry?.kind !== 'message' || amendments.some(({ kind }) => kind === 'delete')) return new Set()
  const carriers = [entry, ...amendments.filter(({ kind }) => kind === 'edit')]
  return new Set(carriers.map(mediaOf).filter((id) => id !== undefined))
}
