import type { Conversation, ConversationId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import { type ConversationService, conversationOf } from '../conversations/conversations.ts'
import { notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { ConversationBody } from '../log/fold.ts'
import type { Lanes } from '../log/lanes.ts'
import { type Draft, nothingToDo } from '../log/operation.ts'
import { submit } from '../log/submit.ts'
import { blockedError, type Sending } from './sending.ts'
import { visibleMessage } from './targets.ts'

const most = 3

const draft = (pins: readonly number[]): Draft => {
  return { kind: 'conversation', body: JSON.stringify({ pins } satisfies ConversationBody) }
}

/** What changes the pins of a conversation, on this node or through another one. */
export type Pinner = Pick<Pinning, 'pin' | 'unpin'>

/** Messages that a conversation keeps in sight for all its members (rules F4, F5). */
export class Pinning {
  readonly #conversations
  readonly #lanes
  readonly #log
  readonly #sending

  constructor(deps: { conversations: ConversationService; lanes: Lanes; log: ConversationLog; sending: Sending }) {
    this.#conversations = deps.conversations
    this.#lanes = deps.lanes
    this.#log = deps.log
    this.#sending = deps.sending
  }

  /** Of more than three the oldest pin goes. One that is pinned already stays where it is. */
  pin(identity: Identity, conversation: ConversationId, seq: number): Promise<Conversation> {
    return this.#change(identity, conversation, async (state) => {
      const { pins } = state.record
      if (await this.#sending.blocked(state, identity.user)) throw blockedError()
      await visibleMessage(this.#log, state, identity.user, seq)
      return pins.includes(seq) ? nothingToDo : draft([...pins, seq].slice(-most))
    })
  }

  async unpin(identity: Identity, conversation: ConversationId, seq: number): Promise<void> {
    await this.#change(identity, conversation, async (state) => {
      const { pins } = state.record
      if (await this.#sending.blocked(state, identity.user)) throw blockedError()
      return pins.includes(seq) ? draft(pins.filter((pin) => pin !== seq)) : nothingToDo
    })
  }

  async #change(
    { user, device }: Identity,
    conversation: ConversationId,
    decide: (state: ConversationState) => Promise<Draft | typeof nothingToDo>,
  ): Promise<Conversation> {
    const changed = await submit(this.#lanes, conversation, {
      sender: user,
      device,
      decide: async (state) => {
        if (!state.isPresent(user)) throw notFound('conversation')
        return decide(state)
      },
    })
    return conversationOf(await this.#conversations.stateFor(user, conversation, changed?.seq))
  }
}
