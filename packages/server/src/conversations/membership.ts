import { limits, type Membership, type Role, type UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import { AppError, notFound } from '../lib/errors.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import { joinedSeq, type MembershipBody } from '../log/fold.ts'
import type { Lanes } from '../log/lanes.ts'
import { type Draft, nothingToDo } from '../log/operation.ts'
import { submit } from '../log/submit.ts'
import type { People } from './people.ts'
import { checkRoleChange, keepAnOwner, needRole, roleOf, successorOf } from './rights.ts'

const draft = (body: MembershipBody): Draft => ({ kind: 'membership', body: JSON.stringify(body) })

/** Adding, removing, roles, leaving. Decided in the conversation's lane, on its head. */
export class MembershipService {
  readonly #lanes
  readonly #states
  readonly #people

  constructor(lanes: Lanes, states: ConversationStates, people: People) {
    this.#lanes = lanes
    this.#states = states
    this.#people = people
  }

  async list({ user }: Identity, conversation: string): Promise<Membership[]> {
    const state = await this.#states.current(conversation)
    if (!state) throw notFound('conversation')
    roleOf(state, user)
    return state.present.map((member) => membershipOf(state.record.members.get(member)))
  }

  /** Adds a member, or changes a role; `added` tells which. Repeating what is so changes nothing. */
  async put(
    identity: Identity,
    conversation: string,
    user: UserId,
    role: Role | undefined,
  ): Promise<{ membership: Membership; added: boolean }> {
    const [known] = await this.#people.users([user])
    let added = false
    await submit(this.#lanes, conversation, {
      sender: identity.user,
      device: identity.device,
      decide: async (state) => {
        added = false
        const before = state.record.members.get(user)?.role ?? null
        const after = role ?? before ?? 'member'
        // Asking for what is so needs no right beyond being there.
        if (before === after && state.record.kind === 'group') {
          roleOf(state, identity.user)
          return nothingToDo
        }
        const actor = needRole(state, identity.user, 'admin')
        if (!known) throw notFound('user')
        checkRoleChange(actor, before, after)
        if (before === 'owner') keepAnOwner(state, user, after)
        if (before === null) {
          if (state.present.length >= limits.groupMembers) {
            throw new AppError('limit_reached', `A group has at most ${limits.groupMembers} members.`)
          }
          if (await this.#people.hasBlocked(user, identity.user)) {
            throw new AppError('forbidden', 'This user cannot be added.')
          }
          added = true
        }
        return draft({ user, role: after })
      },
    })
    const state = await this.#states.get(conversation)
    return { membership: membershipOf(state?.record.members.get(user)), added }
  }

  /** Removes a member, or leaves; the last owner hands over first. */
  async remove(identity: Identity, conversation: string, user: UserId): Promise<void> {
    const { user: sender, device } = identity
    const leaving = user === sender
    if (leaving) await this.#handOver(identity, conversation)
    await submit(this.#lanes, conversation, {
      sender,
      device,
      decide: (state) => {
        const actor = needRole(state, sender, leaving ? 'member' : 'admin')
        const before = state.record.members.get(user)?.role ?? null
        if (before === null) return nothingToDo
        if (!leaving) checkRoleChange(actor, before, null)
        return draft({ user, role: null })
      },
    })
  }

  /** Leaves every group; for the deletion of an account. */
  async leaveAll(user: UserId, conversations: readonly string[]): Promise<void> {
    for (const conversation of conversations) {
      const state = await this.#states.current(conversation)
      if (state?.record.kind === 'group' && state.isPresent(user))
        await this.remove({ user, device: '' }, conversation, user)
    }
  }

  async #handOver({ user, device }: Identity, conversation: string): Promise<void> {
    await submit(this.#lanes, conversation, {
      sender: user,
      device,
      decide: (state) => {
        if (needRole(state, user, 'member') !== 'owner') return nothingToDo
        const successor = successorOf(state, user)
        return successor === undefined ? nothingToDo : draft({ user: successor, role: 'owner' })
      },
    })
  }
}

export function membershipOf(member: Parameters<typeof joinedSeq>[0] | undefined): Membership {
  if (!member?.role) throw notFound('member')
  return { user: member.user, role: member.role, joinedSeq: joinedSeq(member) }
}
