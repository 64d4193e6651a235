import { randomBytes } from 'node:crypto'
import type {
  Conversation,
  DeviceId,
  EntryPage,
  EntryUpdate,
  InboxItem,
  InboxPage,
  Problem,
  SessionAnswer,
  UserId,
} from '@parley/protocol'

export interface HttpAnswer<Body = unknown> {
  status: number
  headers: Headers
  body: Body
}

/** A device that is logged in. */
export interface Account {
  user: UserId
  device: DeviceId
  token: string
  username: string
  password: string
}

export class HttpRefusal extends Error {
  readonly status: number
  readonly problem: Problem | undefined

  constructor(what: string, answer: HttpAnswer) {
    super(`${what} was answered ${answer.status} ${JSON.stringify(answer.body)}`)
    this.status = answer.status
    this.problem = answer.body as Problem | undefined
  }
}

/** The routes of a server as text says them, without the SDK. */
export class RawApi {
  /** Where the server is, without a path. May change: another node, a proxy. */
  url: string
  readonly token: string | undefined

  constructor(url: string, token?: string) {
    this.url = url
    this.token = token
  }

  /** Any answer, refusals included. `body` is sent as JSON, bytes as they are. */
  async request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer<Body>> {
    const all = new Headers(headers)
    if (this.token && !all.has('authorization')) all.set('authorization', `Bearer ${this.token}`)
    const isJson = body !== undefined && !(body instanceof Uint8Array) && typeof body !== 'string'
    if (isJson && !all.has('content-type')) all.set('content-type', 'application/json')
    const sent = isJson ? JSON.stringify(body) : (body as BodyInit | undefined)
    const signal = AbortSignal.timeout(60_000)
    const response = await fetch(`${this.url}${path}`, { method, headers: all, body: sent, redirect: 'manual', signal })
    const text = await response.text()
    const isStructured = response.headers.get('content-type')?.includes('json') && text !== ''
    return {
      status: response.status,
      headers: response.headers,
      body: (isStructured ? JSON.parse(text) : text) as Body,
    }
  }

  /** The body of a 2xx answer. @throws HttpRefusal */
  async call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.request<Body>(method, path, body)
    if (answer.status < 200 || answer.status > 299) throw new HttpRefusal(`${method} ${path}`, answer)
    return answer.body
  }

  direct(user: UserId): Promise<Conversation> {
    return this.call('PUT', `/v1/direct/${user}`)
  }

  group(title: string, members: readonly UserId[]): Promise<Conversation> {
    return this.call('POST', '/v1/conversations', { title, members })
  }

  /** All pages of the inbox. */
  async inbox(): Promise<InboxItem[]> {
    const items: InboxItem[] = []
    for (let cursor = ''; ; ) {
      const page = await this.call<InboxPage>('GET', `/v1/conversations?limit=100${cursor}`)
      items.push(...page.items)
      if (page.next === undefined) return items
      cursor = `&cursor=${encodeURIComponent(page.next)}`
    }
  }

  /** Entries with `after` < seq ≤ `upTo`. */
  async entries(conversation: string, after: number, upTo = Number.POSITIVE_INFINITY): Promise<EntryUpdate[]> {
    const entries: EntryUpdate[] = []
    for (let from = after; ; ) {
      const path = `/v1/conversations/${conversation}/entries?after=${from}&limit=200`
      const page = await this.call<EntryPage>('GET', path)
      entries.push(...page.items)
      from = page.items.at(-1)?.seq ?? from
      if (page.items.length === 0 || page.next === undefined || from >= upTo) break
    }
    return entries.filter((entry) => entry.seq <= upTo)
  }
}

const freshName = (): string => `u${randomBytes(8).toString('hex')}`

/** A new user with its first device. */
export async function register(url: string, device = 'phone', username = freshName()): Promise<Account> {
  const password = randomBytes(9).toString('base64url')
  const body = { username, password, device: { name: device } }
  const answer = await new RawApi(url).call<SessionAnswer>('POST', '/v1/accounts', body)
  return { user: answer.user.id, device: answer.device.id, token: answer.token, username, password }
}

/** One more device of the same user. */
export async function logIn(url: string, account: Account, device = 'laptop'): Promise<Account> {
  const { username, password } = account
  const body = { username, password, device: { name: device } }
  const answer = await new RawApi(url).call<SessionAnswer>('POST', '/v1/sessions', body)
  return { ...account, device: answer.device.id, token: answer.token }
}
