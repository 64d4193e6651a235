import type { Conversation, EntryUpdate, InboxItem, Membership, UserId } from '@parley/protocol'
import type { StoredConversation, StoredMessage } from '../store/records.ts'
import { fromPage } from './message.ts'

type Info = Extract<EntryUpdate, { kind: 'conversation' }>
type MembershipChange = Extract<EntryUpdate, { kind: 'membership' }>

/** A conversation of which nothing was seen before the entry behind `applied`. */
export function newConversation(id: string, applied: number): StoredConversation {
  return {
    id,
    kind: 'group',
    history: 'joined',
    createdAt: 0,
    infoSeq: 0,
    partial: true,
    role: 'member',
    joinedSeq: applied + 1,
    settings: {},
    applied,
    ahead: [],
    since: applied + 1,
    from: applied + 1,
    complete: applied === 0,
    read: applied,
    readSent: applied,
    unread: 0,
    counted: applied,
    receipts: {},
  }
}

/** What the inbox says of a conversation: where a device without entries begins (rule Y1). */
export function fromInbox({ conversation, membership, peer, unread, lastMessage }: InboxItem): StoredConversation {
  const { head, ...info } = conversation
  const { user: _, role, joinedSeq, read, cleared, ...settings } = membership
  return {
    ...newConversation(info.id, head),
    ...info,
    infoSeq: head,
    partial: undefined,
    role,
    joinedSeq,
    settings,
    ...(cleared !== undefined && { cleared }),
    ...(lastMessage?.starredAt !== undefined && { stars: { [lastMessage.seq]: lastMessage.starredAt } }),
    ...(peer && { peer: peer.id }),
    read,
    readSent: read,
    unread,
    // No message that I may see lies behind the last one.
    from: lastMessage ? lastMessage.seq : head + 1,
    complete: head === 0,
    ...(lastMessage && { lastMessage: fromPage(lastMessage) }),
  }
}

/** Title, kind and the like as the server has them now; older news than what was applied change nothing. */
export function withInfo(known: StoredConversation, { head, ...info }: Conversation): StoredConversation {
  if (head < known.infoSeq) return { ...known, kind: info.kind, createdAt: info.createdAt, partial: undefined }
  const { pins: _, ...rest } = known
  return { ...rest, ...info, infoSeq: head, partial: undefined }
}

/** Members as the server has them now. */
export function withMembers(known: StoredConversation, members: Membership[], me: UserId): StoredConversation {
  const own = members.find(({ user }) => user === me)
  const peer = known.kind === 'direct' ? members.find(({ user }) => user !== me)?.user : undefined
  return {
    ...known,
    members,
    ...(own && known.role !== null && { role: own.role, joinedSeq: own.joinedSeq }),
    ...(peer !== undefined && { peer }),
  }
}

/** Folds a `conversation` entry: title, description, avatar, history, and the members of an opening entry. */
export function foldInfo(known: StoredConversation, entry: Info, me: UserId): StoredConversation {
  const { title, description, avatar, history, members, pins, seq, at } = entry
  const next = { ...known }
  if (members && seq === 1) {
    next.kind = 'group'
    next.createdAt = at
    next.partial = undefined
    next.members = members.map(({ user, role }) => ({ user, role, joinedSeq: seq }))
    next.role = members.find(({ user }) => user === me)?.role ?? known.role
    next.joinedSeq = seq
  }
  if (seq <= known.infoSeq) return next
  next.infoSeq = seq
  if (title !== undefined) next.title = title
  if (description !== undefined) next.description = description
  if (avatar !== undefined) next.avatar = avatar
  if (pins !== undefined) next.pins = pins
  if (history !== undefined) {
    next.history = history
    // What was out of reach may be within it now.
    if (history === 'all' && next.from > 1) next.complete = false
  }
  return next
}

/** What is deleted for everyone is pinned no longer (rule F5). */
export function withoutPin(known: StoredConversation, target: number, seq: number): StoredConversation {
  if (seq <= known.infoSeq || !known.pins?.includes(target)) return known
  return { ...known, pins: known.pins.filter((pin) => pin !== target), infoSeq: seq }
}

/** Takes everything up to `upTo` out of sight (rule F6); what is counted as unread is another matter. */
export function clearedUpTo(known: StoredConversation, upTo: number): StoredConversation {
  const { lastMessage, early, ...rest } = known
  const stars = Object.entries(known.stars ?? {}).filter(([seq]) => Number(seq) > upTo)
  return {
    ...rest,
    cleared: upTo,
    ...(known.from <= upTo + 1 && { from: upTo + 1, complete: true }),
    stars: Object.fromEntries(stars),
    ...(early && { early: early.filter(({ target }) => target > upTo) }),
    ...(lastMessage && lastMessage.seq > upTo && { lastMessage }),
  }
}

/** The conversation with the stars of `messages` as they are now. */
export function withStars(known: StoredConversation, messages: readonly StoredMessage[]): StoredConversation {
  const changed = messages.filter(({ seq, star }) => known.stars?.[seq] !== (star?.on ? star.at : undefined))
  if (changed.length === 0) return known
  const stars = { ...known.stars }
  for (const { seq, star } of changed) {
    if (star?.on) stars[seq] = star.at
    else delete stars[seq]
  }
  return { ...known, stars }
}

/** Folds a `membership` entry. Being added again starts a new interval, read up to there (rules D5, Y6). */
export function foldMembership(known: StoredConversation, entry: MembershipChange, me: UserId): StoredConversation {
  const { user, role, seq } = entry
  const next = { ...known }
  if (known.members) {
    const others = known.members.filter((member) => member.user !== user)
    const before = known.members.find((member) => member.user === user)
    if (role === null) next.members = others
    else if (before) next.members = known.members.map((member) => (member === before ? { ...member, role } : member))
    else next.members = [...known.members, { user, role, joinedSeq: seq }]
  }
  if (user !== me) return next
  next.role = role
  if (role === null || known.role !== null) return next
  const opening = Math.max(seq - 1, known.read)
  return {
    ...next,
    members: undefined,
    partial: true,
    // While I was away I cleared it on this device alone; what the server has of it comes with the details.
    cleared: undefined,
    joinedSeq: seq,
    since: seq,
    from: seq,
    complete: false,
    read: opening,
    unread: 0,
    counted: seq,
    receipts: {},
  }
}
