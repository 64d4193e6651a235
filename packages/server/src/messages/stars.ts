import type { ConversationId, Message, StarredPage, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { ConversationService } from '../conversations/conversations.ts'
import type { OwnStore, Star } from '../conversations/own-store.ts'
import type { OwnView } from '../conversations/own-view.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { History } from './history.ts'

/** Of one user: they are read and put in order together. */
const most = 5_000

/** Messages that a user keeps at hand, over all conversations; nobody else is told (rules F1–F3). */
export class Stars {
  readonly #conversations
  readonly #store
  readonly #log
  readonly #history
  readonly #ownView
  readonly #clock

  constructor(deps: {
    conversations: ConversationService
    store: OwnStore
    log: ConversationLog
    history: History
    ownView: OwnView
    clock: Clock
  }) {
    this.#conversations = deps.conversations
    this.#store = deps.store
    this.#log = deps.log
    this.#history = deps.history
    this.#ownView = deps.ownView
    this.#clock = deps.clock
  }

  /** @returns the message with its star. One that is starred already keeps its time, and is told again. */
  async star({ user }: Identity, conversation: ConversationId, seq: number): Promise<Message> {
    const message = await this.#visible(user, conversation, seq)
    if (!message) throw notFound('message')
    if (message.deletedAt !== undefined) throw new AppError('gone', 'The message was deleted.')
    if (message.starredAt === undefined && (await this.#store.stars(user)).length >= most) {
      throw new AppError('limit_reached', `At most ${most} messages can be starred.`)
    }
    const at = message.starredAt ?? this.#clock.now()
    await this.#ownView.star(user, { conversation, seq, at }, true)
    return { ...message, starredAt: at }
  }

  async unstar({ user }: Identity, conversation: ConversationId, seq: number): Promise<void> {
    await this.#conversations.stateFor(user, conversation)
    await this.#ownView.star(user, { conversation, seq, at: this.#clock.now() }, false)
  }

  /** The newest star first. What may not be read any more is left out. */
  async page({ user }: Identity, cursor: string | undefined, limit: number): Promise<StarredPage> {
    const behind = cursor === undefined ? undefined : parseStar(cursor)
    const stars = (await this.#store.stars(user)).sort(newestFirst)
    const start = behind ? stars.findIndex((star) => newestFirst(behind, star) < 0) : 0
    const page = start < 0 ? [] : stars.slice(start, start + limit)
    const messages = await Promise.all(page.map((star) => this.#visible(user, star.conversation, star.seq)))
    const items = messages.filter((message) => message !== undefined && message.deletedAt === undefined) as Message[]
    const last = page.at(-1)
    return { items, ...(last && start + limit < stars.length ? { next: formatStar(last) } : {}) }
  }

  async #visible(user: UserId, conversation: ConversationId, seq: number): Promise<Message | undefined> {
    try {
      const state = await this.#conversations.stateFor(user, conversation)
      const entries = await this.#log.read(conversation, { after: seq - 1, before: seq + 1, limit: 1, kind: 'message' })
      return (await this.#history.render(state, user, entries))[0]
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined
      throw error
    }
  }
}

function newestFirst(a: Star, b: Star): number {
  return b.at - a.at || (a.conversation < b.conversation ? -1 : a.conversation > b.conversation ? 1 : b.seq - a.seq)
}

const formatStar = ({ at, conversation, seq }: Star): string => `${at}_${seq}_${conversation}`

function parseStar(cursor: string): Star {
  const match = /^(\d{1,16})_(\d{1,16})_([A-Za-z0-9_-]{1,64})$/.exec(cursor)
  if (!match) throw invalid('cursor', 'This cursor is not one of ours.')
  return { at: Number(match[1]), seq: Number(match[2]), conversation: match[3] as string }
}
