import type { ConversationId, DeviceId, EntryUpdate, MessageUpdate, UserId } from '@parley/protocol'
import type { HistoryRecord, RecordOf } from './record.ts'

export interface Interval {
  from: number
  to: number
}

/** Everything that a client ever said under one (conversation, user, clientMessageId). */
export interface Send {
  conversation: ConversationId
  user: UserId
  clientMessageId: string
  /** Index of the record that sent it first. */
  first: number
  devices: Set<DeviceId>
  ordered: boolean
  saying: string
  oks: RecordOf<'ok'>[]
}

export class LogFacts {
  readonly entries = new Map<number, EntryUpdate>()
  /** By `senderKey`. More than one where the log holds a send twice. */
  readonly bySend = new Map<string, number[]>()
  readonly deleted = new Set<number>()
  readonly members = new Map<UserId, Interval[]>()
  /** Members read earlier entries in the history, now or later. */
  openHistory = false
  head = 0

  covers(user: UserId, seq: number): boolean {
    return this.members.get(user)?.some(({ from, to }) => seq >= from && seq <= to) ?? false
  }
}

export const senderKey = (user: UserId, clientMessageId: string): string => `${user} ${clientMessageId}`

/** What was said, in a form that two equal ones share. Parts of media that the server fills in are left out. */
export function sayingOf(said: { content: object; replyTo?: number; mentions?: UserId[] }): string {
  const content: Record<string, unknown> = { ...said.content }
  const media = content.media as { id: string; caption?: string } | undefined
  if (media) content.media = { id: media.id, caption: media.caption }
  return stable({ content, replyTo: said.replyTo, mentions: said.mentions?.length ? said.mentions : undefined })
}

export function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

export const isEntry = (update: { kind: string }): update is EntryUpdate => 'seq' in update

/** A message that was deleted for everyone reads back empty. */
export const isEmptied = (message: MessageUpdate): boolean => Object.keys(message.content).length === 0

/** A history seen from several sides. */
export class Facts {
  readonly logs = new Map<ConversationId, LogFacts>()
  readonly sends = new Map<string, Send>()
  readonly devices = new Map<DeviceId, HistoryRecord[]>()
  readonly settled = new Set<DeviceId>()
  /**
   * By the record of a fresh start (`welcome` without a cursor, `reset`): how far each conversation was known to go.
   * Nothing up to there is due as an event (rule Y1), also where no inbox page told so: the user had left.
   */
  readonly starts = new Map<HistoryRecord, Map<ConversationId, number>>()
  #known = new Map<ConversationId, number>()
  #fresh = new Set<number>()
  /** Entries that were told differently in two records of the log. */
  readonly contradictions: string[] = []

  readonly records: readonly HistoryRecord[]

  constructor(records: readonly HistoryRecord[]) {
    this.records = records
    for (const [index, record] of records.entries()) this.#take(record, index)
    for (const [conversation, log] of this.logs) finishLog(conversation, log)
    this.#refuseUnusable()
  }

  log(conversation: ConversationId): LogFacts {
    const found = this.logs.get(conversation) ?? new LogFacts()
    this.logs.set(conversation, found)
    return found
  }

  #take(record: HistoryRecord, index: number): void {
    if ('device' in record && record.type !== 'cursor') {
      const own = this.devices.get(record.device) ?? []
      this.devices.set(record.device, own)
      own.push(record)
    }
    switch (record.type) {
      case 'hello':
        if (!record.cursor) this.#fresh.add(record.session)
        break
      case 'welcome':
        if (this.#fresh.has(record.session)) this.starts.set(record, new Map(this.#known))
        break
      case 'reset':
        this.starts.set(record, new Map(this.#known))
        break
      case 'event':
        if (isEntry(record.update)) this.#know(record.update.conversation, record.update.seq)
        break
      case 'queued':
        this.#know(record.conversation, record.to)
        break
      case 'settled':
        this.settled.add(record.device)
        break
      case 'direct':
        for (const user of record.members) {
          this.log(record.conversation).members.set(user, [{ from: 1, to: Number.POSITIVE_INFINITY }])
        }
        break
      case 'log':
        for (const entry of record.entries) this.#takeEntry(this.log(record.conversation), entry)
        break
      case 'sent': {
        const send = this.#send(record, index)
        send.devices.add(record.device)
        if (record.over === 'http') send.ordered = false
        break
      }
      case 'ok':
        this.#know(record.conversation, record.seq)
        this.sends.get(sendKey(record))?.oks.push(record)
        break
    }
  }

  #know(conversation: ConversationId, seq: number): void {
    this.#known.set(conversation, Math.max(this.#known.get(conversation) ?? 0, seq))
  }

  #send(record: RecordOf<'sent'>, first: number): Send {
    const key = sendKey(record)
    const { conversation, user, clientMessageId } = record
    const found: Send = this.sends.get(key) ?? {
      conversation,
      user,
      clientMessageId,
      first,
      devices: new Set(),
      ordered: true,
      saying: sayingOf(record),
      oks: [],
    }
    this.sends.set(key, found)
    return found
  }

  /** Members are told the clientMessageIds of their own messages only: what one leaves out another may know. */
  #takeEntry(log: LogFacts, entry: EntryUpdate): void {
    const known = log.entries.get(entry.seq)
    if (known?.kind === 'message' && entry.kind === 'message') {
      if (known.id !== entry.id || known.sender !== entry.sender) {
        this.contradictions.push(`seq ${entry.seq} of ${entry.conversation} is ${known.id} and ${entry.id}`)
      }
      const content = isEmptied(entry) ? entry.content : known.content
      log.entries.set(entry.seq, { ...entry, content, clientMessageId: entry.clientMessageId ?? known.clientMessageId })
    } else {
      if (known && known.kind !== entry.kind) {
        this.contradictions.push(`seq ${entry.seq} of ${entry.conversation} is a ${known.kind} and a ${entry.kind}`)
      }
      log.entries.set(entry.seq, entry)
    }
  }

  /** A checker that looks away proves nothing. */
  #refuseUnusable(): void {
    for (const { conversation, oks } of this.sends.values()) {
      if (oks.length > 0 && !this.logs.get(conversation)?.entries.size) {
        throw new Error(`history without a log of ${conversation}, where messages were acknowledged`)
      }
    }
    for (const [conversation, log] of this.logs) {
      if (log.entries.size > 0 && log.members.size === 0) throw new Error(`history without members of ${conversation}`)
    }
  }
}

export const sendKey = (record: { conversation: ConversationId; user: UserId; clientMessageId: string }): string =>
  `${record.conversation} ${senderKey(record.user, record.clientMessageId)}`

function finishLog(conversation: ConversationId, log: LogFacts): void {
  const entries = [...log.entries.values()].sort((a, b) => a.seq - b.seq)
  log.head = entries.at(-1)?.seq ?? 0
  for (const entry of entries) {
    if (entry.conversation !== conversation)
      throw new Error(`log of ${conversation} with an entry of ${entry.conversation}`)
    switch (entry.kind) {
      case 'message': {
        if (entry.clientMessageId === undefined) break
        const key = senderKey(entry.sender, entry.clientMessageId)
        log.bySend.set(key, [...(log.bySend.get(key) ?? []), entry.seq])
        break
      }
      case 'delete':
        log.deleted.add(entry.target)
        break
      case 'conversation':
        if (entry.history === 'all') log.openHistory = true
        for (const { user } of entry.members ?? []) join(log, user, entry.seq)
        break
      case 'membership':
        if (entry.role === null) leave(log, entry.user, entry.seq)
        else join(log, entry.user, entry.seq)
        break
    }
  }
}

function join(log: LogFacts, user: UserId, seq: number): void {
  const intervals = log.members.get(user) ?? []
  log.members.set(user, intervals)
  const last = intervals.at(-1)
  if (last === undefined || last.to !== Number.POSITIVE_INFINITY)
    intervals.push({ from: seq, to: Number.POSITIVE_INFINITY })
}

function leave(log: LogFacts, user: UserId, seq: number): void {
  const last = log.members.get(user)?.at(-1)
  if (last?.to === Number.POSITIVE_INFINITY) last.to = seq
}
