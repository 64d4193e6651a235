import type { Role, UserId } from '@parley/protocol'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import type { ConversationState } from '../log/conversation-state.ts'

const rank: Record<Role, number> = { member: 0, admin: 1, owner: 2 }

/** The role of a member who is present. @throws not_found for anybody else (rule C4). */
export function roleOf(state: ConversationState, user: UserId): Role {
  const role = state.record.members.get(user)?.role
  if (!role) throw notFound('conversation')
  return role
}

/** @throws not_found for one who is not in it, invalid in a direct conversation, forbidden below `least`. */
export function needRole(state: ConversationState, user: UserId, least: Role): Role {
  const role = roleOf(state, user)
  if (state.record.kind === 'direct')
    throw new AppError('invalid', 'A direct conversation has no members to manage.', { field: 'conversation' })
  if (rank[role] < rank[least])
    throw new AppError('forbidden', `Only ${least === 'owner' ? 'the owner' : 'an admin'} may do this.`)
  return role
}

/** Admins handle members and make admins; only owners touch owners and take an admin's role. */
export function checkRoleChange(actor: Role, before: Role | null, after: Role | null): void {
  const touchesOwner = before === 'owner' || after === 'owner'
  const demotesAdmin = before === 'admin' && after !== 'owner'
  if (actor === 'owner' || !(touchesOwner || demotesAdmin)) return
  throw new AppError('forbidden', 'Only the owner may do this.')
}

/** @throws invalid when nobody would own the group any more. */
export function keepAnOwner(state: ConversationState, user: UserId, after: Role | null): void {
  if (after === 'owner') return
  const others = state.present.some((member) => member !== user && state.record.members.get(member)?.role === 'owner')
  if (!others && state.record.members.get(user)?.role === 'owner') throw invalid('role', 'The group needs an owner.')
}

/** Who takes over when the last owner leaves: the oldest admin, else the oldest member. */
export function successorOf(state: ConversationState, leaver: UserId): UserId | undefined {
  const others = state.present.filter((user) => user !== leaver)
  const roles = others.map((user) => state.record.members.get(user)?.role)
  if (roles.includes('owner')) return undefined
  const admin = roles.indexOf('admin')
  return others[Math.max(admin, 0)]
}
