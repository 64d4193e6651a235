import type { Content, ConversationId, DeviceId, EntryUpdate, MessageId, Role, Update, UserId } from '@parley/protocol'
import { History } from './history.ts'

interface StoryDevice {
  user: UserId
  device: DeviceId
  session: number | undefined
  /** Acknowledged, and told, places on the user's queue. */
  acked: number
  told: number
  applied: Map<ConversationId, Set<number>>
  /** Entries that the present session stands for with an `ok` (rule D7). */
  own: Set<string>
}

interface StoryConversation {
  id: ConversationId
  log: EntryUpdate[]
  present: Set<UserId>
}

/**
 * Servers and clients that keep every promise, in a few lines: what they write down is a history without fault.
 * Tests of the checker tell a story, then spoil its history.
 */
export class Story {
  readonly history = new History()
  readonly devices = new Map<DeviceId, StoryDevice>()
  readonly conversations = new Map<ConversationId, StoryConversation>()
  #queues = new Map<UserId, Update[]>()
  #lastId = 7_000_000_000_000_000_000n
  #clock = 1_700_000_000_000

  /** A device, connected for the first time: what is there already it reads from the inbox. */
  device(user: UserId, device: DeviceId): void {
    const end = this.#queue(user).length
    const made: StoryDevice = {
      user,
      device,
      session: undefined,
      acked: end,
      told: end,
      applied: new Map(),
      own: new Set(),
    }
    this.devices.set(device, made)
    this.#hello(made, null, 'ok')
    this.#readInbox(made)
  }

  group(id: ConversationId, creator: UserId, ...others: UserId[]): void {
    const users = [creator, ...others]
    this.conversations.set(id, { id, log: [], present: new Set(users) })
    const members = users.map((user, index): { user: UserId; role: Role } => ({
      user,
      role: index ? 'member' : 'owner',
    }))
    this.#append(id, (seq) => ({
      kind: 'conversation',
      conversation: id,
      seq,
      title: id,
      members,
      by: creator,
      at: this.#at(),
    }))
  }

  direct(id: ConversationId, a: UserId, b: UserId): void {
    this.conversations.set(id, { id, log: [], present: new Set([a, b]) })
    this.history.add({ type: 'direct', conversation: id, members: [a, b] })
  }

  membership(id: ConversationId, by: UserId, user: UserId, role: Role | null): void {
    const { present } = this.conversations.get(id)!
    if (role !== null) present.add(user)
    this.#append(id, (seq) => ({ kind: 'membership', conversation: id, seq, user, role, by, at: this.#at() }))
    if (role === null) present.delete(user)
  }

  delete(id: ConversationId, by: UserId, target: number): void {
    this.#append(id, (seq) => ({ kind: 'delete', conversation: id, seq, target, by, at: this.#at() }))
  }

  /** `lost`: the answer is not received, and the connection is gone. */
  send(device: DeviceId, conversation: ConversationId, clientMessageId: string, content: Content, lost = false): void {
    const from = this.devices.get(device)!
    const { user } = from
    this.history.add({ type: 'sent', user, device, conversation, clientMessageId, content })
    const { log, present } = this.conversations.get(conversation)!
    let entry = log.find(
      (one) => one.kind === 'message' && one.sender === user && one.clientMessageId === clientMessageId,
    )
    const duplicate = entry && ({ duplicate: true } as const)
    if (!entry && !present.has(user)) {
      this.history.add({ type: 'refused', user, device, conversation, clientMessageId, code: 'not_found' })
      return
    }
    entry ??= this.#append(conversation, (seq) => {
      const said = { sender: user, device, clientMessageId, content }
      return { kind: 'message', conversation, seq, id: this.#id(), sentAt: this.#at(), ...said }
    })
    if (lost) {
      this.disconnect(device)
      return
    }
    const { seq } = entry
    const { id } = entry as { id: MessageId }
    this.history.add({ type: 'ok', user, device, conversation, clientMessageId, seq, id, ...duplicate })
    from.own.add(`${conversation} ${seq}`)
    this.#apply(from, conversation, seq)
  }

  disconnect(device: DeviceId): void {
    this.devices.get(device)!.session = undefined
  }

  connect(device: DeviceId): void {
    const known = this.devices.get(device)!
    known.told = known.acked
    this.#hello(known, String(known.acked), 'ok')
  }

  /** The server does not know the cursor any more. */
  reset(device: DeviceId): void {
    const known = this.devices.get(device)!
    this.#hello(known, String(known.acked), 'reset')
    known.acked = this.#queue(known.user).length
    known.told = known.acked
    known.applied = new Map()
    this.history.add({ type: 'reset', user: known.user, device })
    this.#readInbox(known)
  }

  /** Tells a device at most `count` of what is on its user's queue; it acknowledges `behind` fewer. */
  pump(device: DeviceId, count = Number.POSITIVE_INFINITY, behind = 0): void {
    const known = this.devices.get(device)!
    const { user, session } = known
    if (session === undefined) return
    const queue = this.#queue(user)
    const end = Math.min(queue.length, known.told + count)
    let ack = 0
    for (; known.told < end; known.told++) {
      const update = this.#asTold(queue[known.told]!, user)
      const seq = 'seq' in update ? update.seq : undefined
      if (seq !== undefined && 'conversation' in update && known.own.has(`${update.conversation} ${seq}`)) continue
      this.history.add({ type: 'event', user, device, session, pos: String(known.told + 1), update })
      if (known.told < end - behind) ack = known.told + 1
      if (seq !== undefined && 'conversation' in update) this.#apply(known, update.conversation, seq)
    }
    if (ack <= known.acked) return
    known.acked = ack
    this.history.add({ type: 'acked', user, device, session, pos: String(ack) })
  }

  update(user: UserId, update: Update): void {
    this.#queue(user).push(update)
  }

  /** Everybody gets everything, and the logs are read. */
  end(): void {
    for (const { user, device, session } of this.devices.values()) {
      if (session === undefined) this.connect(device)
      this.pump(device)
      this.history.add({ type: 'settled', user, device })
    }
    for (const { id, log } of this.conversations.values()) {
      for (const user of new Set([...this.devices.values()].map((device) => device.user))) {
        const entries = log.filter((entry) => this.#sees(user, entry)).map((entry) => this.#asTold(entry, user))
        this.history.add({ type: 'log', conversation: id, entries: entries as EntryUpdate[] })
      }
    }
  }

  #hello(device: StoryDevice, cursor: string | null, resume: 'ok' | 'reset'): void {
    const session = this.history.nextSession()
    const { user, device: id } = device
    device.session = session
    device.own.clear()
    this.history.add({ type: 'hello', user, device: id, session, cursor })
    const at = resume === 'reset' ? String(this.#queue(user).length) : String(device.acked)
    this.history.add({ type: 'welcome', user, device: id, session, cursor: at, resume, window: 256 })
  }

  #readInbox({ user, device }: StoryDevice): void {
    for (const { id, log, present } of this.conversations.values()) {
      if (!present.has(user)) continue
      this.history.add({ type: 'baseline', user, device, conversation: id, head: log.length })
    }
  }

  #append<E extends EntryUpdate>(id: ConversationId, make: (seq: number) => E): E {
    const { log, present } = this.conversations.get(id)!
    const entry = make(log.length + 1)
    log.push(entry)
    for (const user of present) {
      this.#queue(user).push(entry)
      this.history.add({ type: 'queued', user, conversation: id, from: entry.seq, to: entry.seq })
    }
    return entry
  }

  #apply({ user, device, applied }: StoryDevice, conversation: ConversationId, seq: number): void {
    const seqs = applied.get(conversation) ?? new Set()
    applied.set(conversation, seqs)
    if (seqs.has(seq)) return
    seqs.add(seq)
    this.history.add({ type: 'applied', user, device, conversation, seq })
  }

  #sees(user: UserId, entry: EntryUpdate): boolean {
    return this.#queue(user).includes(entry)
  }

  #asTold(update: Update, user: UserId): Update {
    if (update.kind !== 'message') return update
    const { clientMessageId, ...told } = update
    return update.sender === user ? { ...told, clientMessageId } : told
  }

  #queue(user: UserId): Update[] {
    const queue = this.#queues.get(user) ?? []
    this.#queues.set(user, queue)
    return queue
  }

  #id(): MessageId {
    this.#lastId += 1n
    return String(this.#lastId)
  }

  #at(): number {
    return ++this.#clock
  }
}
