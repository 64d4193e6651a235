import type { ConversationId } from '@parley/protocol'
import { lost, type NodeCalls } from '../delivery/node-calls.ts'
import { toAppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { decodeError, encodeError, type RawError } from './lane-wire.ts'

type Answer = [result: unknown] | RawError

/**
 * Operations on a conversation that are no sends (edits, reactions, changes of members) run on the node of its lane too:
 * on another one they would lose to it again and again while it is busy. Where that node does not answer they run here.
 */
export class LaneCalls {
  readonly #calls
  readonly #laneOf
  readonly #logger

  constructor(calls: NodeCalls, laneOf: (conversation: ConversationId) => string | undefined, logger: Logger) {
    this.#calls = calls
    this.#laneOf = laneOf
    this.#logger = logger
  }

  /** The same operation, run where the conversation's lane is. Arguments and result are plain data. */
  through<Args extends unknown[], Result>(
    name: string,
    conversationOf: (args: NoInfer<Args>) => ConversationId,
    run: (...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result> {
    this.#calls.answer<Args>(name, (args, _from, reply) => {
      run(...args).then(
        (result) => reply([result]),
        (error) => {
          const told = toAppError(error)
          if (told.code === 'internal') this.#logger.error({ error, name }, 'an operation for another node failed')
          reply(encodeError(told))
        },
      )
    })
    return async (...args) => {
      const node = this.#laneOf(conversationOf(args))
      const answer = node === undefined ? lost : await this.#ask(node, name, args)
      if (answer === lost) return run(...args)
      if (Array.isArray(answer)) return answer[0] as Result
      throw decodeError(answer)
    }
  }

  #ask(node: string, name: string, args: unknown[]): Promise<Answer | typeof lost> {
    return new Promise((resolve) => {
      const asked = this.#calls.ask(node, name, args, (answer) => resolve(answer as Answer | typeof lost))
      if (!asked) resolve(lost)
    })
  }
}
