import type { AmendAnswer, Content, ConversationId, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { OwnView } from '../conversations/own-view.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import type { Entry } from '../log/entry.ts'
import type { Lanes } from '../log/lanes.ts'
import type { Draft } from '../log/operation.ts'
import type { Attaching } from '../media/attachments.ts'
import { mediaOfMessage } from '../media/carried.ts'
import type { Carrier } from '../media/carriers.ts'
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
  readonly #attaching
  readonly #clock

  constructor(deps: {
    lanes: Lanes
    states: ConversationStates
    log: ConversationLog
    sending: Sending
    ownView: OwnView
    attaching: Attaching
    clock: Clock
  }) {
    this.#lanes = deps.lanes
    this.#states = deps.states
    this.#log = deps.log
    this.#sending = deps.sending
    this.#ownView = deps.ownView
    this.#attaching = deps.attaching
    this.#clock = deps.clock
  }

  async edit(identity: Identity, request: AmendRequest & { content: Content }): Promise<AmendAnswer> {
    const { user } = identity
    const { conversation, seq, content } = request
    const body = `{"target":${seq},"content":${encodeContent(content)}}`
    const carrier: Carrier = { kind: 'edit', conversation, seq }
    const answer = await this.#submit(identity, request, { kind: 'edit', body }, async (state) => {
      const target = await visibleMessage(this.#log, state, user, request.seq)
      if (target.sender !== user) throw new AppError('forbidden', 'Only the author may edit a message.')
      if (this.#clock.now() - target.at > Amending.editTime)
        throw new AppError('forbidden', 'It is too late to edit this message.')
      if (!content.media) return undefined
      const filled = await this.#sending.filled(user, content, carrier)
      return { kind: 'edit', body: `{"target":${seq},"content":${JSON.stringify(filled)}}` }
    })
    if (content.media && !answer.duplicate) void this.#attaching.attached(content.media.id, carrier, seq)
    return answer
  }

  async deleteForEveryone(identity: Identity, request: AmendRequest): Promise<AmendAnswer> {
    const { conversation, seq } = request
    let media: ReadonlySet<string> = new Set()
    const draft: Draft = { kind: 'delete', body: `{"target":${seq}}` }
    const answer = await this.#submit(identity, request, draft, async (state) => {
      const target = await visibleMessage(this.#log, state, identity.user, seq)
      this.#mayDelete(state, identity.user, target)
      media = await mediaOfMessage(this.#log, conversation, seq)
      await this.#attaching.detaching(media, conversation, seq)
      return undefined
    })
    if (media.size > 0) void this.#attaching.detached(media)
    return answer
  }

  #mayDelete(state: ConversationState, user: UserId, target: Entry): void {
    const role = state.record.members.get(user)?.role
    if (role === 'admin' || role === 'owner') return
    if (target.sender !== user) throw new AppError('forbidden', 'Only the author or an admin may delete a message.')
    if (this.#clock.now() - target.at > Amending.deleteTime) {
      throw new AppError('forbidden', 'It is too late to delete this message for everyone.')
    }
  }

  react(identity: Identity, request: AmendRequest & { emoji: string | null }): Promise<AmendAnswer> {
    const body = JSON.stringify({ target: request.seq, emoji: request.emoji })
    return this.#submit(identity, request, { kind: 'reaction', body }, async (state) => {
      await visibleMessage(this.#log, state, identity.user, request.seq)
      return undefined
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
    /** Another draft than the one that the fingerprint is of, or undefined. */
    check: (state: ConversationState) => Promise<Draft | undefined>,
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
          return (await check(state)) ?? draft
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
