import type {
  AmendAnswer,
  ConnectAnswer,
  Content,
  Conversation,
  EntryPage,
  InboxPage,
  Limits,
  Membership,
  Message,
  MessagePage,
  OwnMembership,
  Role,
  SendAnswer,
  SessionAnswer,
  Settings,
  StarredPage,
  SyncAnswer,
  User,
  UserId,
} from '@parley/protocol'
import type { Http } from './http.ts'

export interface ServerInfo {
  name: string
  version: string
  features: string[]
  limits: Limits
  /** VAPID public key, for push subscriptions of browsers. */
  vapidPublicKey?: string
}

export interface DeviceInput {
  name: string
  platform?: string
}
export interface Credentials {
  username: string
  password: string
  device: DeviceInput
}

export interface Page {
  cursor?: string
  limit?: number
}

export interface SendInput {
  clientMessageId: string
  content: Content
  replyTo?: number
  mentions?: UserId[]
}

/** null takes a setting away. */
export type SettingsChange = Omit<Settings, 'mutedUntil' | 'removed'> & {
  mutedUntil?: number | null
  removed?: number | null
}

/** Options every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined
}

const one = (conversation: string): string => `/v1/conversations/${encodeURIComponent(conversation)}`
const entry = (conversation: string, seq: number): string => `${one(conversation)}/messages/${seq}`

/** Conversations and messages over HTTP: one method for each route of the protocol. */
export class Api {
  readonly #http

  constructor(http: Http) {
    this.#http = http
  }

  server({ signal }: CallOptions = {}): Promise<ServerInfo> {
    return this.#http.call({ method: 'GET', path: '/v1/server', token: null, signal })
  }

  /** @throws ParleyError `conflict` when the username is taken. */
  register(body: Credentials & { displayName?: string }, { signal }: CallOptions = {}): Promise<SessionAnswer> {
    return this.#http.call({ method: 'POST', path: '/v1/accounts', body, token: null, signal })
  }

  /** @throws ParleyError `unauthenticated` for a wrong name or password. */
  logIn(body: Credentials, { signal }: CallOptions = {}): Promise<SessionAnswer> {
    return this.#http.call({ method: 'POST', path: '/v1/sessions', body, token: null, signal })
  }

  logOut({ signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: '/v1/sessions/current', signal })
  }

  /** The chat server that the one at `address` allocates, not the one at `avoid`, and a ticket for it. */
  connect(
    avoid?: string,
    { signal, address, timeout }: CallOptions & { address?: string; timeout?: number } = {},
  ): Promise<ConnectAnswer> {
    const body = avoid === undefined ? {} : { avoid }
    return this.#http.call({ method: 'POST', path: '/v1/connect', body, signal, address, timeout })
  }

  /** Long poll (rule L1): waits at most `wait` seconds. */
  sync(query: { cursor?: string; wait?: number; limit?: number }, { signal }: CallOptions = {}): Promise<SyncAnswer> {
    const timeout = ((query.wait ?? 0) + 15) * 1000
    return this.#http.call({ method: 'GET', path: '/v1/sync', query: { ...query }, timeout, signal })
  }

  direct(user: UserId, { signal }: CallOptions = {}): Promise<Conversation> {
    return this.#http.call({ method: 'PUT', path: `/v1/direct/${encodeURIComponent(user)}`, body: {}, signal })
  }

  createGroup(
    body: { title: string; members: UserId[]; description?: string; history?: 'joined' | 'all' },
    { signal }: CallOptions = {},
  ): Promise<Conversation> {
    return this.#http.call({ method: 'POST', path: '/v1/conversations', body, signal })
  }

  inbox(page: Page = {}, { signal }: CallOptions = {}): Promise<InboxPage> {
    return this.#http.call({ method: 'GET', path: '/v1/conversations', query: { ...page }, signal })
  }

  conversation(id: string, { signal }: CallOptions = {}): Promise<Conversation> {
    return this.#http.call({ method: 'GET', path: one(id), signal })
  }

  patchConversation(
    id: string,
    body: { title?: string; description?: string; avatar?: string; history?: 'joined' | 'all' },
    { signal }: CallOptions = {},
  ): Promise<Conversation> {
    return this.#http.call({ method: 'PATCH', path: one(id), body, signal })
  }

  members(id: string, { signal }: CallOptions = {}): Promise<{ items: Membership[] }> {
    return this.#http.call({ method: 'GET', path: `${one(id)}/members`, signal })
  }

  putMember(id: string, user: UserId, role?: Role, { signal }: CallOptions = {}): Promise<Membership> {
    const path = `${one(id)}/members/${encodeURIComponent(user)}`
    return this.#http.call({ method: 'PUT', path, body: role === undefined ? {} : { role }, signal })
  }

  removeMember(id: string, user: UserId, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: `${one(id)}/members/${encodeURIComponent(user)}`, signal })
  }

  /** My own: role, settings, how far I have read. */
  membership(id: string, { signal }: CallOptions = {}): Promise<OwnMembership> {
    return this.#http.call({ method: 'GET', path: `${one(id)}/membership`, signal })
  }

  patchSettings(id: string, body: SettingsChange, { signal }: CallOptions = {}): Promise<Settings> {
    return this.#http.call({ method: 'PATCH', path: `${one(id)}/membership`, body, signal })
  }

  messages(
    id: string,
    query: { before?: number; after?: number; limit?: number } = {},
    { signal }: CallOptions = {},
  ): Promise<MessagePage> {
    return this.#http.call({ method: 'GET', path: `${one(id)}/messages`, query: { ...query }, signal })
  }

  entries(
    id: string,
    query: { after?: number; limit?: number } = {},
    { signal }: CallOptions = {},
  ): Promise<EntryPage> {
    return this.#http.call({ method: 'GET', path: `${one(id)}/entries`, query: { ...query }, signal })
  }

  /** Past the outbox; `conversation.send` is what keeps a message until it is there. */
  send(id: string, body: SendInput, { signal }: CallOptions = {}): Promise<SendAnswer> {
    return this.#http.call({ method: 'POST', path: `${one(id)}/messages`, body, signal })
  }

  edit(
    id: string,
    seq: number,
    body: { content: Content; clientMessageId?: string },
    { signal }: CallOptions = {},
  ): Promise<AmendAnswer> {
    return this.#http.call({ method: 'PATCH', path: entry(id, seq), body, signal })
  }

  delete(id: string, seq: number, how: 'everyone' | 'me', { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: entry(id, seq), query: { for: how }, signal })
  }

  react(
    id: string,
    seq: number,
    body: { emoji: string | null; clientMessageId?: string },
    { signal }: CallOptions = {},
  ): Promise<AmendAnswer> {
    return this.#http.call({ method: 'PUT', path: `${entry(id, seq)}/reaction`, body, signal })
  }

  receipts(
    id: string,
    seq: number,
    { signal }: CallOptions = {},
  ): Promise<{ items: { user: UserId; deliveredAt?: number; seenAt?: number }[] }> {
    return this.#http.call({ method: 'GET', path: `${entry(id, seq)}/receipts`, signal })
  }

  read(id: string, seq: number, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'POST', path: `${one(id)}/read`, body: { seq }, signal })
  }

  star(id: string, seq: number, { signal }: CallOptions = {}): Promise<Message> {
    return this.#http.call({ method: 'PUT', path: `${entry(id, seq)}/star`, body: {}, signal })
  }

  unstar(id: string, seq: number, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: `${entry(id, seq)}/star`, signal })
  }

  /** The newest star first. */
  starred(page: Page = {}, { signal }: CallOptions = {}): Promise<StarredPage> {
    return this.#http.call({ method: 'GET', path: '/v1/me/starred', query: { ...page }, signal })
  }

  pin(id: string, seq: number, { signal }: CallOptions = {}): Promise<Conversation> {
    return this.#http.call({ method: 'PUT', path: `${one(id)}/pins/${seq}`, body: {}, signal })
  }

  unpin(id: string, seq: number, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: `${one(id)}/pins/${seq}`, signal })
  }

  clear(id: string, upTo: number, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'POST', path: `${one(id)}/clear`, body: { upTo }, signal })
  }

  search(
    query: { query: string; conversation?: string; limit?: number },
    { signal }: CallOptions = {},
  ): Promise<{ items: Message[] }> {
    return this.#http.call({ method: 'GET', path: '/v1/search', query: { ...query }, signal })
  }

  user(id: UserId, { signal }: CallOptions = {}): Promise<User> {
    return this.#http.call({ method: 'GET', path: `/v1/users/${encodeURIComponent(id)}`, signal })
  }
}
