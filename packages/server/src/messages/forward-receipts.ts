import type { ConversationId, ReceiptsUpdate, UserId } from '@parley/protocol'
import { type Event, UpdateEvent } from '../delivery/event.ts'
import type { Lift, RowExpander } from '../sync/queue-reader.ts'
import type { QueueRow } from '../sync/sync-queue.ts'
import type { ReceiptStore, Watermark } from './receipt-store.ts'

type MemberReceipt = ReceiptsUpdate['members'][number]

const start = '{"kind":"receipts",'
/** Conversations whose receipts a session remembers. */
const remembered = 200

function parse(event: Event): ReceiptsUpdate | undefined {
  if (!(event instanceof UpdateEvent)) return undefined
  const json = event.json()
  return json.startsWith(start) ? (JSON.parse(json) as ReceiptsUpdate) : undefined
}

/** The later one of both, by kind. */
function later(told: MemberReceipt, known: MemberReceipt | undefined): MemberReceipt {
  const receipt = { ...told }
  if ((known?.delivered ?? 0) > (told.delivered ?? 0)) {
    Object.assign(receipt, { delivered: known?.delivered, deliveredAt: known?.deliveredAt })
  }
  if ((known?.read ?? 0) > (told.read ?? 0)) Object.assign(receipt, { read: known?.read, seenAt: known?.seenAt })
  return receipt
}

const eventOf = (update: ReceiptsUpdate): UpdateEvent => new UpdateEvent(JSON.stringify(update))

/**
 * Where several nodes tell an author of one member, what is told last need not be the newest: each lifts what it tells
 * to what it found stored, and two do so at once. A session lifts it to what it told before (invariant I7).
 */
export class ForwardReceipts implements Lift {
  #told = new Map<ConversationId, Map<UserId, MemberReceipt>>()

  /** False for receipts of a conversation of which nothing was told: an earlier session may have told more. */
  trusts(event: Event): boolean {
    const update = parse(event)
    return update === undefined || this.#told.has(update.conversation)
  }

  lift(event: Event): Event {
    const update = parse(event)
    if (!update) return event
    let known = this.#told.get(update.conversation)
    if (!known) {
      if (this.#told.size >= remembered) this.#told.clear()
      known = new Map()
      this.#told.set(update.conversation, known)
    }
    const members = update.members.map((member) => later(member, known.get(member.user)))
    for (const member of members) known.set(member.user, { ...known.get(member.user), ...member })
    return eventOf({ ...update, members })
  }
}

/** Receipts that are read from a queue tell what is stored by now: never less than what was told before. */
export class NewestReceipts implements RowExpander {
  readonly #expander
  readonly #store

  constructor(expander: RowExpander, store: Pick<ReceiptStore, 'latest'>) {
    this.#expander = expander
    this.#store = store
  }

  async expand(user: UserId, rows: readonly QueueRow[]): Promise<(readonly (Event | undefined)[])[]> {
    const expanded = await this.#expander.expand(user, rows)
    const latest = new Map<ConversationId, Promise<ReadonlyMap<UserId, MemberReceipt>>>()
    const newest = (conversation: ConversationId) => {
      const known = latest.get(conversation) ?? this.#store.latest(conversation).then(byMember)
      latest.set(conversation, known)
      return known
    }
    return Promise.all(
      expanded.map(async (events) => {
        const [event] = events
        const update = event && events.length === 1 ? parse(event) : undefined
        if (!update) return events
        const known = await newest(update.conversation)
        return [eventOf({ ...update, members: update.members.map((member) => later(member, known.get(member.user))) })]
      }),
    )
  }
}

function byMember(watermarks: readonly Watermark[]): ReadonlyMap<UserId, MemberReceipt> {
  const members = new Map<UserId, MemberReceipt>()
  for (const { user, kind, upTo, at } of watermarks) {
    const mark = kind === 'delivered' ? { delivered: upTo, deliveredAt: at } : { read: upTo, seenAt: at }
    members.set(user, { user, ...members.get(user), ...mark })
  }
  return members
}
