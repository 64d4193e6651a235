import type { InboxItem, InboxPage, Message, User, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { ConversationStore, InboxRow } from '../conversations/conversation-store.ts'
import { conversationOf } from '../conversations/conversations.ts'
import { membershipOf } from '../conversations/membership.ts'
import type { People } from '../conversations/people.ts'
import { unreadOf } from '../conversations/unread.ts'
import { invalid } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import { ConversationState } from '../log/conversation-state.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import { firstVisible, type History } from './history.ts'
import type { Receipts } from './receipts.ts'

const lookBack = 20

/** A user's conversations, newest activity first, with what a list of chats shows. */
export class Inbox {
  readonly #states
  readonly #store
  readonly #log
  readonly #history
  readonly #people
  readonly #receipts

  constructor(deps: {
    states: ConversationStates
    store: ConversationStore
    log: ConversationLog
    history: History
    people: People
    receipts: Receipts
  }) {
    this.#states = deps.states
    this.#store = deps.store
    this.#log = deps.log
    this.#history = deps.history
    this.#people = deps.people
    this.#receipts = deps.receipts
  }

  async page({ user }: Identity, cursor: string | undefined, limit: number): Promise<InboxPage> {
    const rows = await this.#store.inbox(user, cursor === undefined ? undefined : parseRow(cursor), limit)
    const states = await Promise.all(rows.map((row) => this.#states.current(row.conversation)))
    const present = states.filter((state) => state?.isPresent(user)) as ConversationState[]
    const peers = present.flatMap((state) => state.peerOf(user) ?? [])
    const users = new Map((await this.#people.users(peers)).map((peer) => [peer.id, peer]))
    const items = await Promise.all(present.map((state) => this.#item(state, user, users)))
    const last = rows.at(-1)
    return { items, ...(last && rows.length === limit ? { next: formatRow(last) } : {}) }
  }

  async #item(state: ConversationState, user: UserId, users: ReadonlyMap<UserId, User>): Promise<InboxItem> {
    const { conversation, seq } = state
    const [{ settings }, mark, cleared, lastMessage] = await Promise.all([
      this.#store.settings(user, conversation),
      this.#store.readMark(user, conversation),
      this.#store.cleared(user, conversation),
      this.#lastMessage(state, user),
    ])
    // Head, last message and unread are of one moment: a device begins where this says (rule Y1).
    if (state.seq !== seq) return this.#item(new ConversationState(state.record, state.head()), user, users)
    const peer = state.peerOf(user)
    const known = mark ?? { read: 0, messages: 0, own: 0 }
    // After a resume each client asks for this page (rule Y8).
    if (known.messages > known.own) this.#receipts.noticed(user, conversation, known.read)
    return {
      conversation: conversationOf(state),
      membership: {
        ...membershipOf(state.record.members.get(user)),
        ...settings,
        read: Math.min(known.read, seq),
        ...(cleared > 0 && { cleared }),
      },
      ...(peer === undefined ? {} : { peer: users.get(peer) ?? namelessUser(peer) }),
      unread: unreadOf(state, user, known),
      ...(lastMessage ? { lastMessage } : {}),
    }
  }

  /** The newest message that the user has not deleted for themselves, within the last few. */
  async #lastMessage(state: ConversationState, user: UserId): Promise<Message | undefined> {
    const after = firstVisible(state, user) - 1
    if (state.lastMessage <= after) return undefined
    for (const limit of [1, lookBack]) {
      const range = { after, before: state.lastMessage + 1, limit, newest: true, kind: 'message' as const }
      const messages = await this.#history.render(state, user, await this.#log.read(state.conversation, range))
      if (messages.length > 0) return messages.at(-1)
    }
    return undefined
  }
}

/** Somebody whose account was deleted. */
const namelessUser = (id: UserId): User => ({ id, username: '', displayName: '' })

const formatRow = ({ at, conversation }: InboxRow): string => `${at}_${conversation}`

function parseRow(cursor: string): InboxRow {
  const match = /^(\d{1,16})_([A-Za-z0-9_-]{1,64})$/.exec(cursor)
  if (!match) throw invalid('cursor', 'This cursor is not one of ours.')
  return { at: Number(match[1]), conversation: match[2] as string }
}
