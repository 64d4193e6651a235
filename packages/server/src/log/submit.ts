import type { ConversationId } from '@parley/protocol'
import { AppError } from '../lib/errors.ts'
import type { Lanes } from './lanes.ts'
import type { Appended, Operation } from './operation.ts'

/** Submits an operation that is not pipelined, and waits. Undefined: nothing was to be done. @throws AppError */
export function submit(
  lanes: Lanes,
  conversation: ConversationId,
  operation: Omit<Operation, 'settle' | 'size' | 'clientMessageId' | 'fingerprint'>,
): Promise<Appended | undefined> {
  return new Promise((resolve, reject) => {
    lanes.submit(conversation, {
      ...operation,
      clientMessageId: undefined,
      fingerprint: undefined,
      size: 256,
      settle: (outcome) => (outcome instanceof AppError ? reject(outcome) : resolve(outcome)),
    })
  })
}
