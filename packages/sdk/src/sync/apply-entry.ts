import type { EntryUpdate, MessageUpdate, UserId } from '@parley/protocol'
import { foldInfo, foldMembership, newConversation, withoutPin, withStars } from '../model/conversation.ts'
import { amend, fromUpdate, shown } from '../model/message.ts'
import type { Amending, Amendment, StoredConversation, StoredMessage } from '../store/records.ts'
import type { Transaction } from '../store/transaction.ts'

/**
 * `repeated`: it was applied before (rule Y2). `hole`: entries after `after` are missing before it (rule Y8).
 * `unknown`: a conversation that this device has no beginning of. `uncounted`: what is unread behind a read mark cannot be
 * known from what is here.
 */
export type Outcome =
  | { is: 'applied' }
  | { is: 'repeated' }
  | { is: 'hole'; after: number }
  | { is: 'unknown' }
  | { is: 'uncounted' }

/** `in order`: a jump is a hole. `all`: these are all that may be seen, a jump is none. `own`: an `ok` stands for it (rule D7). */
export type Trust = 'in order' | 'all' | 'own'

/** Applies an entry of a conversation's log, once. */
export async function applyEntry(tx: Transaction, entry: EntryUpdate, me: UserId, trust: Trust): Promise<Outcome> {
  const known = tx.conversation(entry.conversation) ?? opening(entry, me)
  if (!known) return { is: 'unknown' }
  const { seq } = entry
  if (seq <= known.applied || known.ahead.includes(seq)) return { is: 'repeated' }
  const jump = seq > known.applied + 1
  if (jump && trust === 'in order' && !rejoins(known, entry, me)) return { is: 'hole', after: known.applied }
  tx.observe({ type: 'applied', conversation: entry.conversation, seq })
  const folded = await fold(tx, known, entry, me)
  tx.putConversation(jump && trust === 'own' ? ahead(folded, seq) : advance(folded, seq))
  return { is: 'applied' }
}

/** A conversation's beginning for me: it is made, I am added, or somebody writes first. */
function opening(entry: EntryUpdate, me: UserId): StoredConversation | undefined {
  const { conversation, seq } = entry
  const opened = newConversation(conversation, seq - 1)
  if (entry.kind === 'message' && seq === 1) {
    return { ...opened, kind: 'direct', joinedSeq: 1, ...(entry.sender !== me && { peer: entry.sender }) }
  }
  if (entry.kind === 'conversation' && seq === 1) return opened
  if (entry.kind === 'membership' && entry.user === me && entry.role !== null) return opened
  return undefined
}

function rejoins(known: StoredConversation, entry: EntryUpdate, me: UserId): boolean {
  return known.role === null && entry.kind === 'membership' && entry.user === me && entry.role !== null
}

function advance(known: StoredConversation, seq: number): StoredConversation {
  let applied = seq
  const later = known.ahead.filter((own) => own > seq)
  while (later[0] === applied + 1) applied = later.shift()!
  return { ...known, applied, ahead: later }
}

function ahead(known: StoredConversation, seq: number): StoredConversation {
  return { ...known, ahead: [...known.ahead, seq].sort((a, b) => a - b) }
}

async function fold(
  tx: Transaction,
  known: StoredConversation,
  entry: EntryUpdate,
  me: UserId,
): Promise<StoredConversation> {
  switch (entry.kind) {
    case 'message':
      return foldMessage(tx, known, entry, me)
    case 'edit':
    case 'delete':
    case 'reaction':
      return foldAmendment(tx, known, entry)
    case 'membership':
      return foldMembership(known, entry, me)
    case 'conversation':
      return foldInfo(known, entry, me)
    default:
      // A kind of entry that this version does not know: it only takes its place.
      return known
  }
}

function foldMessage(
  tx: Transaction,
  known: StoredConversation,
  update: MessageUpdate,
  me: UserId,
): StoredConversation {
  const { early = [], ...conversation } = known
  const message = early.filter(({ target }) => target === update.seq).reduce(amend, fromUpdate(update))
  const later = early.filter(({ target }) => target !== update.seq)
  const visible = message.seq > (known.cleared ?? 0)
  if (visible) tx.putMessage(message)
  const view = shown(message)
  if (view && visible) tx.tell('message', view)
  const counts = message.sender !== me && message.seq > known.counted && message.seq > known.read
  return {
    ...(visible ? withStars(conversation, [message]) : conversation),
    ...(later.length > 0 && { early: later }),
    ...(visible && !message.hidden && message.seq > (known.lastMessage?.seq ?? 0) && { lastMessage: message }),
    unread: known.unread + (counts ? 1 : 0),
  }
}

async function foldAmendment(
  tx: Transaction,
  known: StoredConversation,
  amendment: Amendment,
): Promise<StoredConversation> {
  tx.noteAmendment(amendment)
  const { kind, target, seq } = amendment
  const pinned = kind === 'delete' ? withoutPin(known, target, seq) : known
  const message = await tx.message(known.id, target)
  return message ? replaceMessage(tx, pinned, amend(message, amendment)) : keepEarly(pinned, amendment)
}

/** An own amendment, or a deletion for me, may come before the message; what is older than this store is in its page. */
export function keepEarly(known: StoredConversation, amendment: Amending): StoredConversation {
  return amendment.target > known.applied ? { ...known, early: [...(known.early ?? []), amendment] } : known
}

/** Puts a changed message, and tells of it; the conversation with it as last message if it is. */
export function replaceMessage(tx: Transaction, known: StoredConversation, message: StoredMessage): StoredConversation {
  tx.putMessage(message)
  tx.tell('update', { conversation: known.id, seq: message.seq, message: shown(message) })
  return known.lastMessage?.seq === message.seq ? { ...known, lastMessage: message } : known
}
