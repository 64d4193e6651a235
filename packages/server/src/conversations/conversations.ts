import { type Conversation, limits, type UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import type { ConversationRecord, MemberRecord } from '../log/conversation-record.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import { type ConversationBody, emptyGroup } from '../log/fold.ts'
import type { Lanes } from '../log/lanes.ts'
import { submit } from '../log/submit.ts'
import type { ConversationStore } from './conversation-store.ts'
import { directId } from './direct-id.ts'
import type { People } from './people.ts'
import { needRole, roleOf } from './rights.ts'

export interface GroupRequest {
  title: string
  description?: string | undefined
  history?: 'joined' | 'all' | undefined
  members: readonly UserId[]
}

export interface ConversationChange {
  title?: string | undefined
  description?: string | undefined
  avatar?: string | undefined
  history?: 'joined' | 'all' | undefined
}

/** Conversations themselves: direct ones, groups, their title and who may see what was said before. */
export class ConversationService {
  readonly #lanes
  readonly #states
  readonly #store
  readonly #people
  readonly #clock
  readonly #nextId

  constructor(deps: {
    lanes: Lanes
    states: ConversationStates
    store: ConversationStore
    people: People
    clock: Clock
    nextId: () => Promise<string>
  }) {
    this.#lanes = deps.lanes
    this.#states = deps.states
    this.#store = deps.store
    this.#people = deps.people
    this.#clock = deps.clock
    this.#nextId = deps.nextId
  }

  /** A conversation as of its head (or as of `least` at least), for one who is in it. @throws not_found (rule C4) */
  async stateFor(user: UserId, conversation: string, least?: number): Promise<ConversationState> {
    const state = await this.#states.current(conversation, least)
    if (!state) throw notFound('conversation')
    roleOf(state, user)
    return state
  }

  async get({ user }: Identity, conversation: string): Promise<Conversation> {
    return conversationOf(await this.stateFor(user, conversation))
  }

  /** The one direct conversation of the pair, made now if there is none. */
  async direct({ user }: Identity, peer: UserId): Promise<{ conversation: Conversation; created: boolean }> {
    if (peer === user) throw invalid('userId', 'A direct conversation needs two people.')
    const id = directId(user, peer)
    const known = await this.#states.current(id)
    if (known) return { conversation: conversationOf(known), created: false }
    const [found] = await this.#people.users([peer])
    if (!found) throw notFound('user')
    if (await this.#people.blockedBetween(user, peer)) {
      throw new AppError('forbidden', 'One of you has blocked the other.')
    }
    const created = await this.#store.createDirect(directRecord(id, [user, peer], this.#clock.now()), user)
    const state = await this.#states.get(id)
    if (!state) throw new AppError('unavailable', 'The conversation is not there yet.', { retryAfter: 1000 })
    return { conversation: conversationOf(state), created }
  }

  async createGroup({ user, device }: Identity, request: GroupRequest): Promise<Conversation> {
    const members = [...new Set([user, ...request.members])]
    if (members.length > limits.groupMembers) {
      throw new AppError('limit_reached', `A group has at most ${limits.groupMembers} members.`)
    }
    const found = await this.#people.users(members)
    if (found.length < members.length) throw invalid('members', 'Some of these users do not exist.')
    const blocks = await Promise.all(members.map((member) => this.#people.hasBlocked(member, user)))
    if (blocks.includes(true)) throw new AppError('forbidden', 'Some of these users cannot be added.')
    const { title, description, history } = request
    const body: ConversationBody = {
      title,
      ...(description === undefined ? {} : { description }),
      ...(history === undefined ? {} : { history }),
      members: members.map((member) => ({ user: member, role: member === user ? 'owner' : 'member' })),
    }
    const id = await this.#nextId()
    const state = this.#states.begin(emptyGroup(id, this.#clock.now()))
    const draft = { kind: 'conversation' as const, body: JSON.stringify(body) }
    await submit(this.#lanes, id, { sender: user, device, decide: () => draft })
    return conversationOf(state)
  }

  /** Title, description, avatar, history: by admins. Asking for what is so changes nothing. */
  async patch({ user, device }: Identity, conversation: string, change: ConversationChange): Promise<Conversation> {
    await submit(this.#lanes, conversation, {
      sender: user,
      device,
      decide: (state) => {
        needRole(state, user, 'admin')
        const body: ConversationBody = {}
        const { record } = state
        if (change.title !== undefined && change.title !== record.title) body.title = change.title
        if (change.description !== undefined && change.description !== record.description)
          body.description = change.description
        if (change.avatar !== undefined && change.avatar !== record.avatar) body.avatar = change.avatar
        if (change.history !== undefined && change.history !== record.history) body.history = change.history
        if (Object.keys(body).length === 0) return 'nothing-to-do'
        return { kind: 'conversation', body: JSON.stringify(body) }
      },
    })
    return conversationOf(await this.stateFor(user, conversation))
  }
}

export function conversationOf({ record, seq }: ConversationState): Conversation {
  const { id, kind, title, description, avatar, history, createdAt, pins } = record
  const info = { id, kind, title, description, avatar, history, head: seq, createdAt }
  return pins.length > 0 ? { ...info, pins: [...pins] } : info
}

/** Both are members from the first entry on. */
function directRecord(id: string, pair: readonly UserId[], createdAt: number): ConversationRecord {
  const members = new Map<UserId, MemberRecord>(
    pair.map((user) => [user, { user, role: 'member', intervals: [{ from: 1, to: undefined }] }]),
  )
  return { ...emptyGroup(id, createdAt), kind: 'direct', members }
}
