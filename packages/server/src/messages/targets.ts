import type { UserId } from '@parley/protocol'
import { AppError, notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { Entry } from '../log/entry.ts'
import { mayReadHistory } from '../log/fold.ts'

/** The message that an edit, a deletion, a reaction or a reply is about. @throws not_found, gone */
export async function visibleMessage(
  log: ConversationLog,
  state: ConversationState,
  user: UserId,
  seq: number,
): Promise<Entry> {
  if (seq > state.seq || !mayReadHistory(state.record, user, seq)) throw notFound('message')
  const { conversation } = state
  const [[entry], amendments] = await Promise.all([
    log.read(conversation, { after: seq - 1, before: seq + 1, limit: 1 }),
    log.amendments(conversation, seq, seq),
  ])
  if (entry?.kind !== 'message') throw notFound('message')
  if (amendments.some((amendment) => amendment.kind === 'delete'))
    throw new AppError('gone', 'The message was deleted.')
  return entry
}
