import type {
  ClearedUpdate,
  HiddenUpdate,
  ReadUpdate,
  SettingsUpdate,
  StarUpdate,
  Update,
  UserId,
} from '@parley/protocol'
import { clearedUpTo, withStars } from '../model/conversation.ts'
import { amend } from '../model/message.ts'
import { isEntry } from '../model/updates.ts'
import type { Transaction } from '../store/transaction.ts'
import { applyEntry, keepEarly, type Outcome, replaceMessage } from './apply-entry.ts'
import { applyReceipts } from './apply-receipts.ts'
import { countOthers } from './unread.ts'

const applied: Outcome = { is: 'applied' }
const unknown: Outcome = { is: 'unknown' }

/**
 * Applies an update of the sync queue. What I read, starred, or deleted for me may come before the conversation, where clocks of
 * servers differ; what else concerns one that is not here is nothing to this device, or asked for once it is.
 */
export async function applyUpdate(tx: Transaction, update: Update, me: UserId): Promise<Outcome> {
  if (isEntry(update)) return applyEntry(tx, update, me, 'in order')
  switch (update.kind) {
    case 'receipts':
      await applyReceipts(tx, update, me)
      return applied
    case 'read':
      if (!tx.conversation(update.conversation)) return unknown
      return applyRead(tx, update, me)
    case 'settings':
      applySettings(tx, update)
      return applied
    case 'hidden':
      if (!tx.conversation(update.conversation)) return unknown
      await applyHidden(tx, update)
      return applied
    case 'star':
      if (!tx.conversation(update.conversation)) return unknown
      await applyStar(tx, update)
      return applied
    case 'cleared':
      if (!tx.conversation(update.conversation)) return unknown
      applyCleared(tx, update)
      return applied
    case 'device': {
      const { added, removed, at } = update
      tx.tell('device', { ...(added !== undefined && { added }), ...(removed !== undefined && { removed }), at })
      return applied
    }
    default:
      // A kind that this version does not know (protocol: additions are welcome).
      return applied
  }
}

/** A device of mine read: its count is exact as of `head`, what came behind it is counted here (rule Y6). */
async function applyRead(tx: Transaction, update: ReadUpdate, me: UserId): Promise<Outcome> {
  const { conversation, read, unread, head } = update
  const known = tx.conversation(conversation)
  if (!known || read < known.read) return applied
  // Of an older head than the inbox from which this device began, as servers may tell that learn of entries one after the
  // other: what lies between is not here to be counted.
  if (head + 1 < known.since) return read > known.read ? { is: 'uncounted' } : applied
  const behind = await countOthers(tx, conversation, me, Math.max(head, read) + 1, known.applied + 1)
  tx.putConversation({
    ...known,
    read,
    readSent: Math.max(known.readSent, read),
    unread: unread + behind,
    counted: Math.max(head, known.applied),
  })
  return applied
}

/** The newest win, also where an older one comes late or again. A conversation that is not here is asked for them then. */
function applySettings(tx: Transaction, { kind: _, conversation, at, ...settings }: SettingsUpdate): void {
  const known = tx.conversation(conversation)
  if (!known || at < (known.settingsAt ?? 0)) return
  tx.putConversation({ ...known, settings, settingsAt: at })
}

async function applyHidden(tx: Transaction, update: HiddenUpdate): Promise<void> {
  const { conversation, target } = update
  tx.noteAmendment(update)
  const known = tx.conversation(conversation)
  if (!known) return
  const message = await tx.message(conversation, target)
  if (!message) tx.putConversation(keepEarly(known, update))
  if (!message || message.hidden) return
  const next = replaceMessage(tx, known, amend(message, update))
  tx.putConversation(next)
  if (next.lastMessage?.seq !== target) return
  const before = await tx.messages(conversation, { from: known.from, before: target, limit: 50 })
  const { lastMessage: _, ...rest } = next
  const last = before.findLast(({ hidden }) => !hidden)
  tx.putConversation({ ...rest, ...(last && { lastMessage: last }) })
}

async function applyStar(tx: Transaction, update: StarUpdate): Promise<void> {
  const { conversation, target } = update
  tx.noteAmendment(update)
  const known = tx.conversation(conversation)
  if (!known) return
  const message = await tx.message(conversation, target)
  if (!message) return tx.putConversation(keepEarly(known, update))
  const starred = amend(message, update)
  tx.putConversation(withStars(replaceMessage(tx, known, starred), [starred]))
}

/** Never back. What comes late of what was cleared is not put (see `foldMessage`). */
function applyCleared(tx: Transaction, { conversation, upTo }: ClearedUpdate): void {
  const known = tx.conversation(conversation)
  if (!known || upTo <= (known.cleared ?? 0)) return
  tx.putConversation(clearedUpTo(known, upTo))
  tx.clearMessages(conversation, upTo + 1)
  tx.tell('cleared', { conversation, upTo })
}
