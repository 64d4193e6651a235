import type { ConversationId, User, UserId } from '@parley/protocol'
import type { ClientEvents } from './client-events.ts'
import { Connection } from './connection/connection.ts'
import type { ConnectionState } from './connection/state.ts'
import { ConversationActions } from './conversation-actions.ts'
import { ConversationHandle } from './conversation-handle.ts'
import { AccountApi } from './http/account-api.ts'
import { Addresses } from './http/addresses.ts'
import { AdminApi } from './http/admin-api.ts'
import { Api, type CallOptions, type Credentials } from './http/api.ts'
import { Http } from './http/http.ts'
import { MediaApi } from './http/media-api.ts'
import type { StarredList, StarredQuery } from './kept-actions.ts'
import { defaultEnvironment } from './lib/defaults.ts'
import { Emitter } from './lib/emitter.ts'
import type { Clock, Fetch, OpenSocket, Random } from './lib/environment.ts'
import { ParleyError } from './lib/errors.ts'
import { newConversation, withInfo } from './model/conversation.ts'
import { byActivity, type Conversation, isListed, type ListOptions, view } from './model/view.ts'
import type { Observe } from './observation.ts'
import { Outbox } from './outbox/outbox.ts'
import { Presence } from './presence.ts'
import type { StoredSession } from './store/records.ts'
import { Replica } from './store/replica.ts'
import type { Store } from './store/store.ts'
import { SyncEngine } from './sync/engine.ts'
import { MessageHistory } from './sync/history.ts'
import { Reads } from './sync/reads.ts'
import { Repair } from './sync/repair.ts'

export interface ClientOptions {
  /** Address of the service, such as `https://chat.example.org`; several when it has several. */
  server: string | readonly string[]
  /** Where this device keeps what it knows: `memoryStore()`, `fileStore(path)`, `indexedDbStore(name)`. */
  store: Store
  clock?: Clock
  random?: Random
  openSocket?: OpenSocket
  fetch?: Fetch
  /** How this client calls itself, such as `web/1.0`. */
  client?: string
  /** Ask `POST /v1/connect` for a chat server before each connection. */
  allocate?: boolean
  /** Told what the device does, step by step. */
  observe?: Observe
}

/** A user's device: who it is, what it knows, and its connection. Made by `createClient`. */
export class Client {
  readonly #events = new Emitter<ClientEvents>()
  /** Conversations and messages over HTTP, past the store. */
  readonly api: Api
  readonly account: AccountApi
  readonly media: MediaApi
  /** For operators. */
  readonly admin: AdminApi
  readonly presence: Presence
  readonly #replica: Replica
  readonly #outbox: Outbox
  readonly #reads: Reads
  readonly #repair: Repair
  readonly #actions: ConversationActions
  readonly #connection: Connection

  private constructor(options: ClientOptions, replica: Replica, events: Emitter<ClientEvents>) {
    const { clock, random, openSocket, fetch } = { ...defaultEnvironment(), ...given(options) }
    const tools = { clock, random }
    const observe = options.observe ?? (() => {})
    this.#events = events
    this.#replica = replica
    const addresses = new Addresses(options.server)
    const http = new Http({ addresses, fetch, clock, token: () => replica.session?.token })
    const api = new Api(http)
    this.api = api
    this.account = new AccountApi(http, (user) => this.#userChanged(user))
    this.admin = new AdminApi(http)
    this.media = new MediaApi(http, { fetch, ...tools })
    this.presence = new Presence(http)
    this.#repair = new Repair({ replica, api, ...tools })
    const engine = new SyncEngine(replica, this.#repair)
    const onError = (error: unknown): void =>
      events.emit('error', error instanceof Error ? error : new Error(String(error)))
    this.#reads = new Reads({ replica, ...tools, onError })
    let live: AbortSignal | undefined
    const background = (work: (signal: AbortSignal) => Promise<void>): void => {
      const signal = live
      if (!signal || signal.aborted) return
      work(signal).catch((error) => {
        if (!signal.aborted) onError(error)
      })
    }
    this.#outbox = new Outbox({
      replica,
      ...tools,
      onOrphan: (conversation, seq) => background((signal) => this.#repair.adoptUpTo(conversation, seq, signal)),
      onError,
      observe,
    })
    const history = new MessageHistory(replica, api)
    this.#actions = new ConversationActions({ api, replica, outbox: this.#outbox, history, reads: this.#reads, random })
    this.#connection = new Connection({
      environment: { clock, random, openSocket, fetch },
      addresses,
      api,
      replica,
      engine,
      outbox: this.#outbox,
      events,
      client: options.client ?? 'parley-client/0.1',
      allocate: options.allocate ?? false,
      observe,
      onWay: (way) => {
        this.#actions.way = way
        this.#reads.attach(way)
        this.presence.attach(way)
      },
      onLive: (signal) => {
        live = signal
        background(async () => {
          await this.#repair.compareHeads(signal)
          await this.#repair.complete(signal)
        })
      },
    })
    events.on('outbox', ({ item, seq }) => {
      if (seq === undefined || !('content' in item) || !item.content.media) return
      const target = item.kind === 'edit' ? item.seq : seq
      background((signal) => this.#repair.content(item.conversation, target, signal))
    })
    events.on('conversation', ({ id }) => {
      const known = replica.conversations.get(id)
      if (known?.partial && known.role !== null) background((signal) => this.#repair.details(id, signal))
    })
  }

  static async open(options: ClientOptions): Promise<Client> {
    const events = new Emitter<ClientEvents>()
    return new Client(options, await Replica.open(options.store, events, options.observe ?? (() => {})), events)
  }

  /** Who is logged in on this device; stays after a remote log-out, without its token. */
  get session(): StoredSession | undefined {
    return this.#replica.session
  }

  get state(): ConnectionState {
    return this.#connection.state
  }

  /** Calls `listener` for each event `name` until the returned function is called. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** Makes an account and logs in with it. @throws ParleyError `conflict` when the username is taken. */
  async register(account: Credentials & { displayName?: string }, options: CallOptions = {}): Promise<StoredSession> {
    return this.#enter(await this.api.register(account, options))
  }

  /** Logs in as a new device. What is stored of another user goes; the same user's outbox stays. */
  async logIn(credentials: Credentials, options: CallOptions = {}): Promise<StoredSession> {
    return this.#enter(await this.api.logIn(credentials, options))
  }

  async #enter(session: StoredSession & { token: string }): Promise<StoredSession> {
    this.#connection.close('new')
    const { user, device, token } = session
    const same = this.#replica.session?.user.id === user.id
    await this.#replica.transact((tx) => {
      tx.drop(same ? 'entries' : 'all')
      tx.setSession({ user, device, token })
    })
    if (!same) this.#outbox.clear()
    return session
  }

  async #userChanged(user: User): Promise<void> {
    await this.#replica.transact((tx) => {
      if (tx.session?.user.id === user.id) tx.setSession({ ...tx.session, user })
    })
  }

  /** Ends this device at the server and forgets everything stored. */
  async logOut(options: CallOptions = {}): Promise<void> {
    try {
      if (this.#replica.session?.token !== undefined) await this.api.logOut(options)
    } catch (error) {
      if (!(error instanceof ParleyError && error.code === 'unauthenticated')) throw error
    }
    await this.forget()
  }

  /** Forgets everything stored on this device, the outbox too, without asking the server. */
  async forget(): Promise<void> {
    this.#connection.close('logged-out')
    await this.#replica.transact((tx) => tx.drop('all'))
    this.#outbox.clear()
  }

  /** Connects and stays connected until `close()`. While it waits to try again, tries now. */
  connect(): void {
    if (this.#replica.session?.token === undefined) throw new ParleyError('unauthenticated', 'Log in first.')
    this.#connection.open()
  }

  /** Disconnects; the client can connect again. */
  disconnect(): void {
    this.#connection.close('closed')
  }

  /** Ends this client and closes its store. What is in the outbox stays there. */
  async close(): Promise<void> {
    this.#connection.close('closed')
    this.#outbox.close()
    await this.#replica.close()
  }

  /** My conversations, newest activity first; those I left or removed only when asked for. */
  conversations(options: ListOptions = {}): Conversation[] {
    return [...this.#replica.conversations.values()]
      .filter((stored) => isListed(stored, options))
      .sort(byActivity)
      .map((stored) => view(stored, this.#replica.users))
  }

  conversation(id: ConversationId): ConversationHandle {
    return new ConversationHandle(id, this.#actions)
  }

  /** What I starred, the newest star first (rule F2); without a server what this device has of it. */
  starred(query: StarredQuery = {}): Promise<StarredList> {
    return this.#actions.kept.starred(query)
  }

  /** The one direct conversation with `user`. @throws ParleyError `forbidden` for a block, `not_found`. */
  async direct(user: UserId, options: CallOptions = {}): Promise<ConversationHandle> {
    const conversation = await this.api.direct(user, options)
    const peer = this.#replica.users.get(user) ?? (await this.api.user(user, options))
    await this.#replica.transact((tx) => {
      tx.putUser(peer)
      const known = tx.conversation(conversation.id)
      // Another device of mine may have it, and have set it up.
      const begun = known ?? newConversation(conversation.id, 0)
      tx.putConversation({ ...withInfo(begun, conversation), peer: user, ...(!known && { partial: true }) })
    })
    return this.conversation(conversation.id)
  }

  /** Makes a group; I am its owner. */
  async createGroup(
    group: { title: string; members: UserId[]; description?: string; history?: 'joined' | 'all' },
    options: CallOptions = {},
  ): Promise<ConversationHandle> {
    const conversation = await this.api.createGroup(group, options)
    await this.#replica.transact((tx) => {
      const known = tx.conversation(conversation.id) ?? newConversation(conversation.id, 0)
      tx.putConversation({ ...withInfo(known, conversation), role: 'owner' })
    })
    return this.conversation(conversation.id)
  }

  /** Reads who these users are, those that this device does not know yet, and keeps it. */
  async learnUsers(ids: readonly UserId[], options: CallOptions = {}): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => this.user(id) === undefined)
    for (const id of unknown) {
      const user = await this.api.user(id, options)
      await this.#replica.transact((tx) => tx.putUser(user))
    }
  }

  /** A user this device knows of. */
  user(id: UserId): User | undefined {
    return id === this.#replica.session?.user.id ? this.#replica.session.user : this.#replica.users.get(id)
  }
}

function given({ clock, random, openSocket, fetch }: ClientOptions) {
  return {
    ...(clock && { clock }),
    ...(random && { random }),
    ...(openSocket && { openSocket }),
    ...(fetch && { fetch }),
  }
}

/** Opens the store and makes a client of it. It connects when `connect()` is called. */
export function createClient(options: ClientOptions): Promise<Client> {
  return Client.open(options)
}
