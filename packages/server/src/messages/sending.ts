import { type Content, exceedsBytes, limits, type UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { People } from '../conversations/people.ts'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { Lanes } from '../log/lanes.ts'
import type { Appended, Draft } from '../log/operation.ts'
import type { Attaching } from '../media/attachments.ts'
import type { Carrier } from '../media/carriers.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Sender, SendRequest } from './sender.ts'
import { visibleMessage } from './targets.ts'

/**
 * Content as it is asked for: of media its id and caption, what else is known the server fills in (rule C7).
 * @throws too_large (rule C5)
 */
export function encodeContent(content: Content): string {
  if (content.text !== undefined && exceedsBytes(content.text, limits.text)) {
    throw new AppError('too_large', `A text has at most ${limits.text} bytes.`, { field: 'content.text' })
  }
  const { media } = content
  const json = JSON.stringify(media ? { ...content, media: { id: media.id, caption: media.caption } } : content)
  if (exceedsBytes(json, limits.content)) {
    throw new AppError('too_large', `A content has at most ${limits.content} bytes.`, { field: 'content' })
  }
  return json
}

/** Accepts messages: the way from a `send` to its entry (rules D1–D6). */
export class Sending implements Sender {
  readonly #lanes
  readonly #log
  readonly #people
  readonly #attaching

  constructor(lanes: Lanes, log: ConversationLog, people: People, attaching: Attaching) {
    this.#lanes = lanes
    this.#log = log
    this.#people = people
    this.#attaching = attaching
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
    const body = bodyOf(content, replyTo, mentions)
    const draft: Draft = { kind: 'message', body }
    const media = request.content.media?.id
    this.#lanes.submit(conversation, {
      sender: user,
      device,
      clientMessageId,
      fingerprint: fingerprintOf(body),
      size: body.length,
      decide: (state) => this.#decide(state, user, request, draft),
      settle: (outcome) => {
        if (media !== undefined && outcome && !(outcome instanceof AppError) && !outcome.duplicate) {
          void this.#attaching.attached(media, carrierOf(user, request), outcome.seq)
        }
        settle(outcome as Appended | AppError)
      },
    })
  }

  #decide(state: ConversationState, user: UserId, request: SendRequest, draft: Draft): Draft | Promise<Draft> {
    const { content, replyTo, mentions } = request
    if (!state.isPresent(user)) throw notFound('conversation')
    if (mentions?.some((mentioned) => !state.isPresent(mentioned))) {
      throw invalid('mentions', 'Only members can be mentioned.')
    }
    const blocked = this.blocked(state, user)
    if (blocked === true) throw blockedError()
    if (blocked === false && replyTo === undefined && !content.media) return draft
    return this.#decideSlowly(state, user, request, blocked, draft)
  }

  async #decideSlowly(
    state: ConversationState,
    user: UserId,
    request: SendRequest,
    blocked: boolean | Promise<boolean>,
    draft: Draft,
  ): Promise<Draft> {
    if (await blocked) throw blockedError()
    const { content, replyTo, mentions } = request
    if (replyTo !== undefined) await repliable(this.#log, state, user, replyTo)
    if (!content.media) return draft
    const filled = await this.filled(user, content, carrierOf(user, request))
    return { ...draft, body: bodyOf(JSON.stringify(filled), replyTo, mentions) }
  }

  /** With what is known of its media (rule C7), which from now on stays for the carrier. @throws not_found (rule M2) */
  async filled(user: UserId, content: Content, carrier: Carrier): Promise<Content> {
    const { media } = content
    if (!media) return content
    const known = await this.#attaching.attach(user, media.id, carrier)
    return { ...content, media: { ...known, ...(media.caption === undefined ? {} : { caption: media.caption }) } }
  }

  /** A block in either direction of a direct conversation. */
  blocked(state: ConversationState, user: UserId): boolean | Promise<boolean> {
    const peer = state.peerOf(user)
    return peer === undefined ? false : this.#people.blockedBetween(user, peer)
  }
}

const carrierOf = (user: UserId, { conversation, clientMessageId }: SendRequest): Carrier => ({
  kind: 'message',
  conversation,
  sender: user,
  clientMessageId,
})

function bodyOf(content: string, replyTo: number | undefined, mentions: readonly UserId[] | undefined): string {
  const reply = replyTo === undefined ? '' : `,"replyTo":${replyTo}`
  const mentioned = mentions === undefined ? '' : `,"mentions":${JSON.stringify(mentions)}`
  return `{"content":${content}${reply}${mentioned}}`
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
