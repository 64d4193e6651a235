import type {
  Content,
  EntryUpdate,
  InboxItem,
  Message,
  MessageUpdate,
  SendAnswer,
  Settings,
  Update,
  UpFrame,
} from '@parley/protocol'
import type { Clock, Fetch, FetchAnswer, OpenSocket, SocketEvents } from '../lib/environment.ts'
import { amend, fromUpdate, shown } from '../model/message.ts'
import type { StoredMessage } from '../store/records.ts'
import { FakeSession } from './fake-session.ts'
import { me, other } from './people.ts'

/** What happens to a frame of the client: it is lost with the connection, before or after it took effect, or refused. */
export type Fault = 'none' | 'lost' | 'unanswered' | 'refused'

export interface Queued {
  /** undefined: a row of which this user is shown nothing. */
  update: Update | undefined
  /** The session whose `ok` stands for it (rule D7). */
  origin: FakeSession | undefined
}

export interface Call {
  method: string
  host: string
  path: string
  query: URLSearchParams
  body: unknown
}

/** As little of a server as a client needs: one user, their queue, the logs of conversations with one other. */
export class FakeServer {
  readonly clock
  readonly logs = new Map<string, EntryUpdate[]>()
  readonly queue: Queued[] = []
  readonly sessions: FakeSession[] = []
  readonly calls: Call[] = []
  readonly frames: UpFrame[] = []
  /** Where sockets were to go. */
  readonly opened: string[] = []
  /** Asked for each `send`, `edit`, `delete`, `react`. */
  fault: (frame: UpFrame) => Fault = () => 'none'
  /** Of a refusal, ms. */
  retryAfter = 100
  /** Cursors below it are answered `reset`. */
  floor = 0
  /** Sockets are refused. */
  noSockets = false
  /** Sockets open and `hello` is not answered. */
  silent = false
  /** Nothing answers. */
  down = false
  /** Hosts at which nothing answers. */
  readonly gone = new Set<string>()
  /** Tokens and tickets that are worth nothing. */
  readonly worthless = new Set<string>()
  /** How long a page of messages, or what I set, is under way, ms. */
  pageTime = 0
  /** So many polls are answered though there is nothing and their time is not over. */
  hastyPolls = 0
  read: Record<string, number> = {}
  hidden: Record<string, number[]> = {}
  settings: Record<string, Settings> = {}
  /** How long what is stored takes to get into the queue, ms. Entries stay in their order. */
  lag: () => number = () => 0
  #entriesFrom = 0
  readonly #sent = new Map<string, SendAnswer>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  readonly openSocket: OpenSocket = (url, _, events: SocketEvents) => {
    const session = new FakeSession(this, events, url)
    this.opened.push(url)
    const refused = this.noSockets || this.down || this.gone.has(new URL(url).hostname)
    this.clock.after(1, () => (refused ? session.end(1006) : session.opened()))
    return session.socket
  }

  readonly fetch: Fetch = async (url, { method, body, signal }) => {
    await new Promise<void>((resolve) => this.clock.after(1, resolve))
    const { hostname: host, pathname: path, searchParams: query } = new URL(url)
    if (this.down || this.gone.has(host)) throw new TypeError('fetch failed')
    const call = { method, host, path, query, body: typeof body === 'string' ? JSON.parse(body) : undefined }
    this.calls.push(call)
    if (path === '/v1/sync') await this.#hold(query, signal)
    const answer = await this.answer(call)
    if (/\/(messages|membership)$/.test(path))
      await new Promise<void>((resolve) => this.clock.after(this.pageTime, resolve))
    return {
      status: this.status(call),
      headers: { get: () => null },
      text: async () => JSON.stringify(answer ?? {}),
    } satisfies FetchAnswer
  }

  /** A long poll waits until there is something; it notices a while later that nobody waits for it any more. */
  async #hold(query: URLSearchParams, signal: AbortSignal | undefined): Promise<void> {
    const end = this.clock.now() + Number(query.get('wait')) * 1000
    while (this.clock.now() < end && Number(query.get('cursor')) >= this.queue.length) {
      if (this.hastyPolls > 0) {
        this.hastyPolls--
        return
      }
      await new Promise<void>((resolve) => this.clock.after(50, resolve))
      signal?.throwIfAborted()
    }
  }

  /** Another user writes. */
  say(conversation: string, text: string): MessageUpdate {
    const seq = this.log(conversation).length + 1
    const content = { text }
    const update: MessageUpdate = {
      kind: 'message',
      conversation,
      seq,
      id: this.idOf(seq),
      sender: other,
      device: 'o',
      sentAt: this.clock.now(),
      content,
    }
    this.append(update)
    return update
  }

  append(update: EntryUpdate, origin?: FakeSession): void {
    this.log(update.conversation).push(update)
    const now = this.clock.now()
    this.#entriesFrom = Math.max(this.#entriesFrom, now + this.lag())
    if (this.#entriesFrom <= now) this.enqueue(update, origin)
    else this.clock.after(this.#entriesFrom - now, () => this.enqueue(update, origin))
  }

  enqueue(update: Update, origin?: FakeSession): void {
    this.queue.push({ update, origin })
    for (const session of this.sessions) session.flow()
  }

  /** A row that takes a place in the queue, and nothing else. */
  skip(): void {
    this.queue.push({ update: undefined, origin: undefined })
  }

  log(conversation: string): EntryUpdate[] {
    const log = this.logs.get(conversation) ?? []
    this.logs.set(conversation, log)
    return log
  }

  send(input: { conversation: string; clientMessageId: string; content: Content }, origin?: FakeSession): SendAnswer {
    const { conversation, clientMessageId, content } = input
    const known = this.#sent.get(clientMessageId)
    if (known) return { ...known, duplicate: true }
    const seq = this.log(conversation).length + 1
    const answer = { conversation, seq, id: this.idOf(seq), sentAt: this.clock.now() }
    this.#sent.set(clientMessageId, answer)
    this.append({ kind: 'message', ...answer, sender: me, device: 'd1', clientMessageId, content }, origin)
    return answer
  }

  /** Ids grow with the time, as Snowflakes do. */
  idOf(seq: number): string {
    return String((BigInt(this.clock.now()) << 22n) | BigInt(seq))
  }

  unread(conversation: string): number {
    const read = this.read[conversation] ?? 0
    return this.log(conversation).filter((entry) => entry.kind === 'message' && entry.sender !== me && entry.seq > read)
      .length
  }

  /** A device of mine has read up to `seq`. */
  readUpTo(conversation: string, seq: number): void {
    const head = this.log(conversation).length
    const read = Math.min(seq, head)
    if (read <= (this.read[conversation] ?? 0)) return
    this.read[conversation] = read
    const update: Update = { kind: 'read', conversation, read, unread: this.unread(conversation), head }
    const lag = this.lag()
    if (lag === 0) this.enqueue(update)
    else this.clock.after(lag, () => this.enqueue(update))
  }

  resumeAt(cursor: string | null | undefined): { cursor: string; resume: 'ok' | 'reset'; from: number } {
    const head = this.queue.length
    if (cursor === undefined || cursor === null) return { cursor: String(head), resume: 'ok', from: head }
    const from = Number(cursor)
    if (from < this.floor) {
      this.floor = Math.min(this.floor, head)
      return { cursor: String(head), resume: 'reset', from: head }
    }
    return { cursor, resume: 'ok', from }
  }

  /** Messages as they are now: amended, without those that are hidden. */
  rendered(id: string): Message[] {
    const messages = new Map<number, StoredMessage>()
    for (const entry of this.log(id)) {
      if (entry.kind === 'message') messages.set(entry.seq, fromUpdate(entry))
      if (entry.kind !== 'edit' && entry.kind !== 'delete' && entry.kind !== 'reaction') continue
      const target = messages.get(entry.target)
      if (target) messages.set(entry.target, amend(target, entry))
    }
    for (const seq of this.hidden[id] ?? []) messages.delete(seq)
    return [...messages.values()].map((message) => shown(message)!)
  }

  hide(conversation: string, target: number): void {
    this.hidden[conversation] = [...(this.hidden[conversation] ?? []), target]
    this.enqueue({ kind: 'hidden', conversation, target })
  }

  /** Another device of mine changes what I set. */
  set(conversation: string, settings: Settings): void {
    this.settings[conversation] = settings
    this.enqueue({ kind: 'settings', conversation, ...settings, at: this.clock.now() })
  }

  membership(id: string): InboxItem['membership'] {
    return { user: me, role: 'member', joinedSeq: 0, read: this.read[id] ?? 0, ...this.settings[id] }
  }

  inbox(): InboxItem[] {
    return [...this.logs].map(([id, log]) => {
      const last = this.rendered(id).at(-1)
      return {
        conversation: { id, kind: 'direct', history: 'joined', head: log.length, createdAt: 1 },
        membership: this.membership(id),
        peer: { id: other, username: other, displayName: 'Other' },
        unread: this.unread(id),
        ...(last && { lastMessage: last }),
      }
    })
  }

  /** With which status a call is answered. */
  status: (call: Call) => number = () => 200

  /** What a route answers; a test may put its own in. */
  answer: (call: Call) => unknown = (call) => this.route(call)

  route({ method, path, query, body }: Call): unknown {
    const [, , kind, id = '', what] = path.split('/')
    if (kind === 'conversations' && id === '') return { items: this.inbox() }
    if (kind === 'users') return { id, username: id, displayName: id }
    if (kind === 'sync') return this.#sync(query)
    if (kind !== 'conversations') return {}
    const log = this.log(id)
    if (what === undefined) return { id, kind: 'direct', history: 'joined', head: log.length, createdAt: 1 }
    if (what === 'members') return { items: [me, other].map((user) => ({ user, role: 'member', joinedSeq: 0 })) }
    if (what === 'membership') return this.membership(id)
    if (what === 'entries') return { items: log.slice(Number(query.get('after') ?? 0)) }
    if (what === 'read') return this.readUpTo(id, (body as { seq: number }).seq)
    if (what === 'messages' && method === 'POST') {
      const { clientMessageId, content } = body as { clientMessageId: string; content: Content }
      return this.send({ conversation: id, clientMessageId, content })
    }
    if (what === 'messages') return this.#page(id, query)
    return {}
  }

  #sync(query: URLSearchParams): object {
    const { cursor, resume, from } = this.resumeAt(query.get('cursor'))
    if (resume === 'reset') return { updates: [], cursor, live: true, resume }
    const rows = this.queue.slice(from).map(({ update }, index) => ({ pos: String(from + index + 1), update }))
    const updates = rows.filter((row) => row.update !== undefined)
    return { updates, cursor: String(this.queue.length), live: true, resume }
  }

  #page(id: string, query: URLSearchParams): object {
    const before = Number(query.get('before') ?? Number.MAX_SAFE_INTEGER)
    const after = Number(query.get('after') ?? 0)
    const messages = this.rendered(id).filter(({ seq }) => seq < before && seq > after)
    const items = messages.slice(-Number(query.get('limit')))
    const from = items.length < messages.length ? items[0]!.seq : 1
    return { items, from, to: before - 1, ...(from > 1 && { next: String(from) }) }
  }
}
