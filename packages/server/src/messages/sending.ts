import { type Content, exceedsBytes, limits, type UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { People } from '../conversations/people.ts'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { Lanes } from '../log/lanes.ts'
import type { Appended, Draft } from '../log/operation.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Sender, SendRequest } from './sender.ts'
import { visibleMessage } from './targets.ts'

/** Content as it is stored. @throws too_large (rule C5), not_found for media, which this server does not have */
export function encodeContent(content: Content): string {
  if (content.text !== undefined && exceedsBytes(content.text, limits.text)) {
    throw new AppError('too_large', `A text has at most ${limits.text} bytes.`, { field: 'content.text' })
  }
  const json = JSON.stringify(content)
  if (exceedsBytes(json, limits.content)) {
    throw new AppError('too_large', `A content has at most ${limits.content} bytes.`, { field: 'content' })
  }
  if (content.media) throw notFound('media')
  return json
}

/** Accepts messages: the way from a `send` to its entry (rules D1–D6). */
export class Sending implements Sender {
  readonly #lanes
  readonly #log
  readonly #people

  constructor(lanes: Lanes, log: ConversationLog, people: People) {
    this.#lanes = lanes
    this.#log = log
    this.#people = people
  }

  send({ user, device }: Identity, request: SendRequest, settle: (outcome: Appended | AppError) => void): void {
    const { conversation, clientMessageId, replyTo, mentions } = request
    let content: string
    try {
      content = encodeContent(request.content)
    } catch (error) {
      settle(error as AppError)
      return
    }
    const reply = replyTo === undefined ? '' : `,"replyTo":${replyTo}`
    const mentioned = mentions === undefined ? '' : `,"mentions":${JSON.stringify(mentions)}`
    const body = `{"content":${content}${reply}${mentioned}}`
    const draft: Draft = { kind: 'message', body }
    this.#lanes.submit(conversation, {
      sender: user,
      device,
      clientMessageId,
      fingerprint: fingerprintOf(body),
      size: body.length,
      decide: (state) => this.#decide(state, user, request, draft),
      settle: settle as (outcome: Appended | AppError | undefined) => void,
    })
  }

  #decide(
    state: ConversationState,
    user: UserId,
    { replyTo, mentions }: SendRequest,
    draft: Draft,
  ): Draft | Promise<Draft> {
    if (!state.isPresent(user)) throw notFound('conversation')
    if (mentions?.some((mentioned) => !state.isPresent(mentioned))) {
      throw invalid('mentions', 'Only members can be mentioned.')
    }
    const blocked = this.blocked(state, user)
    if (blocked === true) throw blockedError()
    if (blocked === false && replyTo === undefined) return draft
    return this.#decideSlowly(state, user, replyTo, blocked, draft)
  }

  async #decideSlowly(
    state: ConversationState,
    user: UserId,
    replyTo: number | undefined,
    blocked: boolean | Promise<boolean>,
    draft: Draft,
  ): Promise<Draft> {
    if (await blocked) throw blockedError()
    if (replyTo !== undefined) await repliable(this.#log, state, user, replyTo)
    return draft
  }

  /** A block in either direction of a direct conversation. */
  blocked(state: ConversationState, user: UserId): boolean | Promise<boolean> {
    const peer = state.peerOf(user)
    return peer === undefined ? false : this.#people.blockedBetween(user, peer)
  }
}

export const blockedError = (): AppError => new AppError('forbidden', 'One of you has blocked the other.')

/** A deleted message is not a visible one to reply to (rule D6). */
async function repliable(log: ConversationLog, state: ConversationState, user: UserId, seq: number): Promise<void> {
  try {
    await visibleMessage(log, state, user, seq)
  } catch (error) {
    throw error instanceof AppError && error.code === 'gone' ? notFound('message') : error
  }
}
