import type { AmendAnswer, Content, ConversationId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { OwnView } from '../conversations/own-view.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import type { Lanes } from '../log/lanes.ts'
import type { Draft } from '../log/operation.ts'
import { fingerprintOf } from './fingerprint.ts'
import { blockedError, encodeContent, type Sending } from './sending.ts'
import { visibleMessage } from './targets.ts'

interface AmendRequest {
  conversation: ConversationId
  seq: number
  clientMessageId?: string | undefined
}

/** What changes an earlier message, on this node or through another one. */
export type Amender = Pick<Amending, 'edit' | 'deleteForEveryone' | 'react' | 'deleteForMe'>

/** Edit, delete, react: entries of their own that amend an earlier one (rule D4). */
export class Amending {
  /** Milliseconds after sending. */
  static readonly editTime = 15 * 60_000
  static readonly deleteTime = 60 * 3_600_000

  readonly #lanes
  readonly #states
  readonly #log
  readonly #sending
  readonly #ownView
  readonly #clock

  constructor(deps: {
    lanes: Lanes
    states: ConversationStates
    log: ConversationLog
    sending: Sending
    ownView: OwnView
    clock: Clock
  }) {
    this.#lanes = deps.lanes
    this.#states = deps.states
    this.#log = deps.log
    this.#sending = deps.sending
    this.#ownView = deps.ownView
    this.#clock = deps.clock
  }

  edit(identity: Identity, request: AmendRequest & { content: Content }): Promise<AmendAnswer> {
    const { user } = identity
    const body = `{"target":${request.seq},"content":${encodeContent(request.content)}}`
    return this.#submit(identity, request, { kind: 'edit', body }, async (state) => {
      const target = await visibleMessage(this.#log, state, user, request.seq)
      if (target.sender !== user) throw new AppError('forbidden', 'Only the author may edit a message.')
      if (this.#clock.now() - target.at > Amending.editTime)
        throw new AppError('forbidden', 'It is too late to edit this message.')
    })
  }

  deleteForEveryone(identity: Identity, request: AmendRequest): Promise<AmendAnswer> {
    const { user } = identity
    return this.#submit(identity, request, { kind: 'delete', body: `{"target":${request.seq}}` }, async (state) => {
      const target = await visibleMessage(this.#log, state, user, request.seq)
      const role = state.record.members.get(user)?.role
      if (role === 'admin' || role === 'owner') return
      if (target.sender !== user) throw new AppError('forbidden', 'Only the author or an admin may delete a message.')
      if (this.#clock.now() - target.at > Amending.deleteTime) {
        throw new AppError('forbidden', 'It is too late to delete this message for everyone.')
      }
    })
  }

  react(identity: Identity, request: AmendRequest & { emoji: string | null }): Promise<AmendAnswer> {
    const body = JSON.stringify({ target: request.seq, emoji: request.emoji })
    return this.#submit(identity, request, { kind: 'reaction', body }, async (state) => {
      await visibleMessage(this.#log, state, identity.user, request.seq)
    })
  }

  /** Takes a message out of this user's own view, on all of their devices. */
  async deleteForMe({ user }: Identity, { conversation, seq }: AmendRequest): Promise<void> {
    const state = await this.#states.current(conversation, seq)
    if (!state?.isPresent(user)) throw notFound('conversation')
    try {
      await visibleMessage(this.#log, state, user, seq)
    } catch (error) {
      // One that was deleted for everyone may still be taken out of sight.
      if (!(error instanceof AppError && error.code === 'gone')) throw error
    }
    await this.#ownView.hide(user, conversation, seq)
  }

  #submit(
    { user, device }: Identity,
    { conversation, clientMessageId }: AmendRequest,
    draft: Draft,
    check: (state: ConversationState) => Promise<void>,
  ): Promise<AmendAnswer> {
    return new Promise((resolve, reject) => {
      this.#lanes.submit(conversation, {
        sender: user,
        device,
        clientMessageId,
        fingerprint: clientMessageId === undefined ? undefined : fingerprintOf(`${draft.kind} ${draft.body}`),
        size: draft.body.length,
        decide: async (state) => {
          if (!state.isPresent(user)) throw notFound('conversation')
          if (draft.kind !== 'delete' && (await this.#sending.blocked(state, user))) throw blockedError()
          await check(state)
          return draft
        },
        settle: (outcome) => {
          if (outcome instanceof AppError) return reject(outcome)
          const { seq, id, duplicate } = outcome ?? { seq: 0, id: '0', duplicate: false }
          resolve(duplicate ? { conversation, seq, id, duplicate: true } : { conversation, seq, id })
        },
      })
    })
  }
}
