import type { Client, Conversation, ConversationHandle } from '@parley/client'
import type { Message } from '@parley/protocol'
import { findUser } from '../find-user.ts'
import { ended } from '../live.ts'
import { findConversation } from '../target.ts'
import type { Key } from './keys.ts'
import { lineOf, pendingLine, titleOf } from './lines.ts'
import { type ChatLine, draw, type View } from './screen.ts'
import type { Terminal } from './terminal.ts'

const pageSize = 200
/** Messages of the open conversation that are kept to scroll through. */
const scrollback = 10_000
const typingShown = 5000
const help = 'Enter sends · Tab next chat · PgUp/PgDn scroll · /open NAME · /group TITLE NAMES · /help · Ctrl-C ends'

/** The full-screen client: what it shows comes from the client's store, never from what it hopes. */
export class Chat {
  readonly #client
  readonly #terminal
  readonly #end
  #open: ConversationHandle | undefined
  #messages: Message[] = []
  #complete = false
  #loading = false
  #scroll = 0
  #input = ''
  #hint = help
  #online = new Set<string>()
  #typing = new Map<string, number>()
  #drawing = false

  constructor(client: Client, terminal: Terminal, end: () => void) {
    this.#client = client
    this.#terminal = terminal
    this.#end = end
  }

  start(): void {
    const on: Client['on'] = (event, listener) => this.#client.on(event, listener)
    on('message', (message) => this.#took(message))
    on('update', ({ conversation, seq, message }) => this.#changed(conversation, seq, message))
    on('typing', ({ conversation, user, state }) => {
      if (conversation !== this.#open?.id) return
      if (state === 'idle') this.#typing.delete(user)
      else this.#typing.set(user, Date.now() + typingShown)
      setTimeout(() => this.#draw(), typingShown + 50).unref()
      this.#draw()
    })
    on('presence', ({ user, status }) => {
      if (status === 'online') this.#online.add(user)
      else this.#online.delete(user)
      this.#draw()
    })
    on('outbox', ({ error }) => {
      if (error) this.#hint = `Not sent: ${error.message}`
      this.#draw()
    })
    on('reset', () => void (this.#open && this.#show(this.#open)))
    on('receipts', () => this.#draw())
    on('conversation', ({ id }) => {
      // Whoever opens an empty program and is talked to sees what is said.
      if (!this.#open) void this.#show(this.#client.conversation(id))
      this.#draw()
    })
    on('state', (state) => {
      if (state.status === 'live') this.#watch()
      this.#draw()
    })
    this.#terminal.open(
      (key) => this.#press(key),
      () => this.#draw(),
    )
    const [first] = this.#client.conversations()
    if (first) void this.#show(this.#client.conversation(first.id))
    this.#draw()
    this.#client.connect()
  }

  #watch(): void {
    const peers = this.#client.conversations().flatMap(({ peer }) => (peer ? [peer.id] : []))
    if (peers.length > 0) this.#client.presence.watch(peers.slice(0, 200))
  }

  async #show(handle: ConversationHandle): Promise<void> {
    this.#open = handle
    this.#messages = []
    this.#complete = false
    this.#scroll = 0
    this.#typing.clear()
    await this.#loadOlder()
    this.#watch()
    this.#readAll()
  }

  async #loadOlder(): Promise<void> {
    const handle = this.#open
    if (!handle || this.#loading || this.#complete || this.#messages.length >= scrollback) return
    this.#loading = true
    try {
      const before = this.#messages[0]?.seq
      const { items, more } = await handle.messages({ ...(before === undefined ? {} : { before }), limit: pageSize })
      if (this.#open !== handle) return
      const known = new Set(this.#messages.map((message) => message.seq))
      this.#messages = [...items.filter((message) => !known.has(message.seq)), ...this.#messages]
      this.#complete = !more
    } catch (error) {
      this.#hint = `Older messages cannot be read now: ${(error as Error).message}`
    } finally {
      this.#loading = false
      this.#draw()
    }
  }

  #took(message: Message): void {
    if (message.conversation === this.#open?.id && !this.#messages.some(({ seq }) => seq === message.seq)) {
      this.#messages.push(message)
      this.#messages.sort((a, b) => a.seq - b.seq)
      if (this.#messages.length > scrollback) this.#messages.shift()
      this.#typing.delete(message.sender)
      this.#readAll()
    }
    this.#draw()
  }

  #changed(conversation: string, seq: number, message: Message | undefined): void {
    if (conversation !== this.#open?.id) return
    const index = this.#messages.findIndex((known) => known.seq === seq)
    if (index >= 0) this.#messages.splice(index, 1, ...(message ? [message] : []))
    this.#draw()
  }

  /** What is on the screen at its end has been read. */
  #readAll(): void {
    if (this.#scroll === 0) void this.#open?.read().catch(() => {})
  }

  #press(key: Key): void {
    switch (key.name) {
      case 'quit':
        return this.#end()
      case 'text':
        this.#input += key.text
        this.#open?.typing('typing')
        break
      case 'backspace':
        this.#input = [...this.#input].slice(0, -1).join('')
        break
      case 'clear':
      case 'escape':
        this.#input = ''
        break
      case 'enter':
        this.#enter()
        break
      case 'tab':
      case 'down':
        this.#step(1)
        break
      case 'up':
        this.#step(-1)
        break
      case 'page-up':
        this.#scroll += Math.max(this.#terminal.rows - 6, 1)
        void this.#loadOlder()
        break
      case 'page-down':
        this.#scroll = Math.max(0, this.#scroll - Math.max(this.#terminal.rows - 6, 1))
        this.#readAll()
        break
      case 'end':
        this.#scroll = 0
        this.#readAll()
        break
      default:
        break
    }
    this.#draw()
  }

  #step(by: number): void {
    const all = this.#client.conversations()
    if (all.length === 0) return
    const at = all.findIndex(({ id }) => id === this.#open?.id)
    const next = all[(at + by + all.length) % all.length] as Conversation
    void this.#show(this.#client.conversation(next.id))
  }

  #enter(): void {
    const text = this.#input.trim()
    this.#input = ''
    if (text === '') return
    if (text.startsWith('/')) return void this.#command(text).catch((error: Error) => this.#say(error.message))
    if (!this.#open) return this.#say('Open a chat first: /open NAME')
    this.#scroll = 0
    this.#hint = help
    // Refusals are told by the outbox event; the store keeps the rest until it is through.
    this.#open.send(text).catch(() => {})
  }

  async #command(line: string): Promise<void> {
    const [command, name = '', ...rest] = line.slice(1).split(/\s+/)
    switch (command) {
      case 'open':
        return this.#show(await findConversation(this.#client, [name, ...rest].join(' ')))
      case 'group': {
        const members = await Promise.all(rest.map((one) => findUser(this.#client, one)))
        return this.#show(await this.#client.createGroup({ title: name, members: members.map((user) => user.id) }))
      }
      case 'quit':
        return this.#end()
      default:
        return this.#say(help)
    }
  }

  #say(hint: string): void {
    this.#hint = hint
    this.#draw()
  }

  /** Once per turn, however much changed. */
  #draw(): void {
    if (this.#drawing) return
    this.#drawing = true
    setImmediate(() => {
      this.#drawing = false
      this.#terminal.show(draw(this.#view(), this.#terminal.columns, this.#terminal.rows))
    })
  }

  #view(): View {
    const open = this.#open?.state
    return {
      status: this.#status(),
      items: this.#client.conversations().map((conversation) => ({
        title: titleOf(conversation),
        unread: conversation.unread,
        online: conversation.peer !== undefined && this.#online.has(conversation.peer.id),
        selected: conversation.id === this.#open?.id,
      })),
      title: open ? titleOf(open) : 'No chat is open',
      subtitle: open ? this.#subtitle(open) : '',
      lines: this.#lines(),
      scroll: this.#scroll,
      input: this.#input,
      hint: this.#hint,
    }
  }

  #status(): string {
    const { state } = this.#client
    if (state.status === 'live') return 'connected'
    if (state.status === 'waiting') return 'no connection; trying again'
    if (state.status === 'closed') return ended(state.reason).message
    return 'connecting'
  }

  #subtitle(open: Conversation): string {
    const now = Date.now()
    const typing = [...this.#typing].filter(([, until]) => until > now).map(([user]) => this.#nameOf(user))
    if (typing.length > 0) return `${typing.join(', ')} typing…`
    return open.peer && this.#online.has(open.peer.id) ? 'online' : ''
  }

  #lines(): ChatLine[] {
    const me = this.#client.session?.user.id
    const said = this.#messages.map((message) => lineOf(message, message.sender === me, this.#nameOf(message.sender)))
    return [...said, ...(this.#open?.pending() ?? []).flatMap(pendingLine)]
  }

  #nameOf(user: string): string {
    const known = this.#client.user(user)
    return known?.displayName || known?.username || 'somebody'
  }
}
